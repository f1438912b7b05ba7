"""What was found in a model, in two or three words: for where there is no room for the sentence."""

from __future__ import annotations

from printlab.domain.judging import Code

SHORT: dict[Code, str] = {
    Code.DOES_NOT_FIT: "Does not fit",
    Code.FLAT: "No thickness",
    Code.TRUNCATED: "File ends too early",
    Code.FITS_TURNED_OVER: "Fits turned over",
    Code.LOOKS_LIKE_INCHES: "Inches?",
    Code.LOOKS_LIKE_METRES: "Metres?",
    Code.LOOKS_LIKE_CENTIMETRES: "Centimetres?",
    Code.LOOKS_LIKE_MICROMETRES: "Micrometres?",
    Code.LOOKS_CONVERTED_TWICE: "Far too large",
    Code.NOT_WATERTIGHT: "Not watertight",
    Code.FLIPPED_FACES: "Flipped faces",
    Code.INSIDE_OUT: "Inside out",
    Code.WALLS_TOO_THIN: "Walls too thin",
    Code.BAD_FACES: "Damaged faces",
    Code.NOT_ALL_JUDGED: "Items not checked",
    Code.SEVERAL_ITEMS: "Several items",
    Code.SEPARATE_PIECES: "Separate pieces",
    Code.THIN_WALLS: "Thin walls",
    Code.OVERHANGS: "Overhangs",
    Code.MANY_TRIANGLES: "Many triangles",
    Code.LEFT_OUT: "Parts left out",
    Code.MIRRORED: "Mirrored",
    Code.WRONG_COUNT: "Wrong count",
    Code.CROWDED_EDGES: "Crowded edges",
}
