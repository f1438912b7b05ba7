"""Thumbnails and viewer models: for whoever has the address, for good, and nothing else of the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.lab import Lab

HASH = "9f" * 32
NAMES = {f"{HASH}-v1.webp": ("image/webp", b"RIFF picture"), f"{HASH}-v1.glb": ("model/gltf-binary", b"glTF model")}


@pytest.fixture(autouse=True)
def drawn(lab: Lab) -> Path:
    folder = lab.services.settings.drawings
    for name, (_, content) in NAMES.items():
        (folder / name).write_bytes(content)
    return folder


def address(lab: Lab, name: str) -> str:
    return f"/drawings/{lab.services.keyring.drawing_signature(name)}/{name}"


@pytest.mark.parametrize("name", NAMES)
async def test_a_drawing_is_given_out_and_kept_for_good(lab: Lab, name: str) -> None:
    kind, content = NAMES[name]
    async with lab.client() as client:
        answer = await client.get(address(lab, name))
        head = await client.head(address(lab, name))
    assert (answer.status_code, answer.content) == (200, content)
    for given in (answer, head):
        assert given.headers["content-type"] == kind
        assert given.headers["content-length"] == str(len(content))
        assert given.headers["cache-control"] == "private, max-age=31536000, immutable"
        assert given.headers["x-content-type-options"] == "nosniff"
        assert given.headers["etag"] == f'"{name}"'
    assert (head.status_code, head.content) == (200, b"")


async def test_what_a_browser_has_is_not_sent_again(lab: Lab) -> None:
    name = f"{HASH}-v1.webp"
    async with lab.client() as client:
        etag = (await client.get(address(lab, name))).headers["etag"]
        answer = await client.get(address(lab, name), headers={"If-None-Match": f'"a", W/{etag}'})
        other = await client.get(address(lab, name), headers={"If-None-Match": '"other"'})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == etag
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert other.status_code == 200


@pytest.mark.parametrize("signature", ["x", "0" * 43, "ü" * 10, "%00", "a" * 65])
async def test_a_wrong_signature_opens_nothing(lab: Lab, signature: str) -> None:
    async with lab.client() as client:
        answer = await client.get(f"/drawings/{signature}/{HASH}-v1.webp")
    assert answer.status_code in {404, 422}


async def test_the_signature_of_one_drawing_opens_no_other(lab: Lab) -> None:
    signature = lab.services.keyring.drawing_signature(f"{HASH}-v1.webp")
    async with lab.client() as client:
        assert (await client.get(f"/drawings/{signature}/{HASH}-v1.glb")).status_code == 404
        assert (await client.get(f"/drawings/{signature}/{HASH}-v1.webp")).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "secrets.json",
        "printlab.db",
        f"{HASH}-v1.png",
        f"{HASH}-v0.webp",
        f"{HASH.upper()}-v1.webp",
        f"{HASH}-v1.webp\n",
        f".{HASH}.glb",
        f"{'0' * 64}-v1.webp",
    ],
)
async def test_even_a_signed_name_gives_out_drawings_only(lab: Lab, drawn: Path, name: str) -> None:
    assert lab.services.intake.drawings.find(name) is None
    async with lab.client() as client:
        answer = await client.get(address(lab, name.replace("\n", "%0A")))
    assert answer.status_code == 404


@pytest.mark.parametrize("way", ["../secrets.json", "..%2Fsecrets.json", "%2e%2e/secrets.json", "..%5Csecrets.json"])
async def test_no_way_leads_out_of_the_folder(lab: Lab, way: str) -> None:
    signature = lab.services.keyring.drawing_signature("../secrets.json")
    async with lab.client() as client:
        answer = await client.get(f"/drawings/{signature}/{way}")
    assert answer.status_code == 404
    assert lab.services.intake.drawings.find("../secrets.json") is None


async def test_a_link_in_the_folder_is_no_drawing(lab: Lab, drawn: Path) -> None:
    name = f"{'ab' * 32}-v1.webp"
    (drawn / name).symlink_to(lab.services.settings.data_dir / "secrets.json")
    async with lab.client() as client:
        assert (await client.get(address(lab, name))).status_code == 404
