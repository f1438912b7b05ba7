"""The picture of a part: on cards, in mails, and wherever there is no room for the viewer.

VTK is imported when the first picture is drawn, so never in the server: without a graphics library it kills its process
(``gl_probe.py`` finds that out beforehand).
"""

from __future__ import annotations

import io
import os
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from printlab.geometry.mesh import Faces, Vertices
from printlab.geometry.reducing import Points, reduced
from printlab.geometry.shading import Shaded, shaded

SIZE_PX = 512
MAX_THUMBNAIL_BYTES = 30_000
MAX_DRAWN_TRIANGLES = 200_000

_SUPERSAMPLING = 2
_OUTSIDE, _INSIDE = "#8fb2ea", "#c9554a"
_BACKGROUND = "#8fb2ea"  # never seen; what is half covered at a rim mixes with it before it is cut out
_TOWARDS_EYE = (1.0, -1.15, 0.85)
_MARGIN = 1.06
_EYE_DISTANCE = 4.0  # in longest sides of the part
# Position as the camera sees it, intensity.
_LIGHTS = (((-0.6, 1.3, 0.9), 0.90), ((1.4, 0.0, 0.35), 0.34), ((-1.4, 0.1, 0.5), 0.38))
# Side of the sharpest detail in px, and WebP quality: what is tried, best first, until the picture is small enough.
_ATTEMPTS = ((512, 92), (512, 80), (512, 60), (512, 35), (256, 60), (128, 60), (64, 60))


def draw(vertices: Vertices, faces: Faces) -> bytes:
    """A WebP of 512 × 512 px and at most 30 KB on a transparent ground: the part in parallel view from the front right.

    Insides are red, so that holes and faces that look the wrong way show. At most 200,000 triangles are drawn. The
    first picture of a process takes seconds, the next ones a fraction of that.
    """
    points, triangles = reduced(vertices, faces, MAX_DRAWN_TRIANGLES)
    return _encoded(_downsampled(_studio().shoot(shaded(_unit_sized(points), triangles))))


def _unit_sized(points: Points) -> Points:
    low, high = points.min(axis=0), points.max(axis=0)
    return (points - (low + high) / 2) / max(float((high - low).max()), np.finfo(np.float32).tiny)


def _downsampled(picture: NDArray[np.uint8]) -> Image.Image:
    """Half the size; colours weigh as much as they are seen, or the rim would keep some of the background."""
    premultiplied = Image.fromarray(picture).convert("RGBa")
    return premultiplied.resize((SIZE_PX, SIZE_PX), Image.Resampling.BOX).convert("RGBA")


def _encoded(picture: Image.Image) -> bytes:
    """The best picture that stays within the limit. Dust needs less detail: its outline alone takes too much room."""
    content = b""
    for detail_px, quality in _ATTEMPTS:
        buffer = io.BytesIO()
        _softened(picture, detail_px).save(buffer, "WEBP", quality=quality, alpha_quality=quality, method=4)
        content = buffer.getvalue()
        if len(content) <= MAX_THUMBNAIL_BYTES:
            break
    return content


def _softened(picture: Image.Image, detail_px: int) -> Image.Image:
    if detail_px == SIZE_PX:
        return picture
    coarse = picture.convert("RGBa").resize((detail_px, detail_px), Image.Resampling.BOX)
    return coarse.resize((SIZE_PX, SIZE_PX), Image.Resampling.BILINEAR).convert("RGBA")


@cache
def _studio() -> _Studio:
    """Setting up the plotter takes longer than a picture: one a process."""
    return _Studio()


class _Studio:
    """Lights, camera and a window that nobody sees."""

    def __init__(self) -> None:
        os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
        import pyvista  # noqa: PLC0415  (kills a process that has no graphics library)

        side_px = SIZE_PX * _SUPERSAMPLING
        self._pyvista: Any = pyvista  # the types of most that is used here are lost behind its decorators
        self._plotter: Any = pyvista.Plotter(off_screen=True, window_size=[side_px, side_px], lighting="none")
        self._plotter.set_background(_BACKGROUND)
        self._plotter.disable_anti_aliasing()
        for position, intensity in _LIGHTS:
            light = pyvista.Light(
                position=position, focal_point=(0, 0, 0), intensity=intensity, light_type="camera light"
            )
            self._plotter.add_light(light)
        self._plotter.enable_parallel_projection()
        self._plotter.enable_ssao(radius=0.12, bias=0.003, kernel_size=16, blur=True)  # more samples cannot be seen

    def shoot(self, part: Shaded) -> NDArray[np.uint8]:
        """The picture of a part of unit size around the origin, RGBA."""
        self._plotter.clear_actors()
        mesh = self._pyvista.PolyData.from_regular_faces(part.vertices, part.faces)
        mesh.point_data.active_normals = part.normals
        self._plotter.add_mesh(
            mesh,
            color=_OUTSIDE,
            smooth_shading=True,
            ambient=0.21,
            diffuse=0.85,
            specular=0.18,
            specular_power=18,
            show_scalar_bar=False,
            render=False,
            backface_params={"color": _INSIDE},
        )
        self._aim(part.vertices)
        # A plotter that is used again hands out the last picture unless it is told to draw.
        self._plotter.render()
        return np.asarray(self._plotter.screenshot(None, return_img=True, transparent_background=True))

    def _aim(self, points: NDArray[np.float32]) -> None:
        """The part in the middle, as large as the picture lets it be."""
        towards = np.array(_TOWARDS_EYE) / np.linalg.norm(_TOWARDS_EYE)
        right = np.cross((0, 0, 1), towards)
        right /= np.linalg.norm(right)
        up = np.cross(towards, right)
        seen = points @ np.stack([right, up], axis=1)
        low, high = seen.min(axis=0), seen.max(axis=0)
        middle = ((low + high) / 2) @ np.stack([right, up])
        camera = self._plotter.camera
        camera.focal_point = middle
        camera.position = middle + towards * _EYE_DISTANCE
        camera.up = (0, 0, 1)
        camera.parallel_scale = max(float((high - low).max()) / 2 * _MARGIN, 1e-3)
        self._plotter.renderer.ResetCameraClippingRange()
