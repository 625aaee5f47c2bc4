#!/usr/bin/env python3
"""Makes the goldens: what OpenCV, Pillow and friends answer for small pieces of the photographs.

    apt-get install python3-opencv python3-pil python3-skimage python3-scipy
    /usr/bin/python3 test/goldens/make.py

A golden is a row of `goldens()`: kernel, options, input, expected array, and how far apart an element may
be. The test (test/image-goldens.test.ts) reads goldens.json and the files beside it; it needs no Python.
"""
import json
import pathlib
import zlib

import cv2
import numpy as np
from PIL import Image

from analysis import analysis_goldens
from filters import filter_goldens
from pixels import alpha, colors, geometry, points, warps

HERE = pathlib.Path(__file__).parent
PHOTOS = HERE.parent.parent / "examples" / "photos"
cv2.setNumThreads(1)


def inputs():
    """Odd sizes, real structure, hard edges, alpha, the smallest images."""
    astronaut = np.asarray(Image.open(PHOTOS / "astronaut.png").convert("RGB"))
    coffee = np.asarray(Image.open(PHOTOS / "coffee.png").convert("RGB"))
    rgb = astronaut[90:133, 190:251].copy()
    y, x = np.mgrid[0:43, 0:61]
    alpha = ((x * 5 + y * 3) % 256).astype(np.uint8)
    alpha[:10] = 0
    alpha[-10:] = 255
    return {
        "rgb": rgb,
        "gray": cv2.cvtColor(coffee[100:131, 200:247], cv2.COLOR_RGB2GRAY),
        "rgba": np.dstack([rgb, alpha]),
        "la": np.dstack([rgb[..., 1], alpha]),
        "tiny": rgb[:3, :2].copy(),
        "one": rgb[:1, :1].copy(),
        "row": rgb[10:11].copy(),
        "column": rgb[:, 10:11].copy(),
        "astronaut": astronaut[92:135, 194:255].copy(),
        "cup": cv2.cvtColor(coffee[104:135, 206:253], cv2.COLOR_RGB2GRAY),
        "mask": (coffee[104:135, 206:253, 0] > 150).astype(np.uint8),
        "full": np.full((5, 9), 7, np.uint8),
        "checks": (np.indices((40, 70)).sum(0) % 3 == 0).astype(np.uint8) * 255,
        "band": np.dstack([rgb, alpha])[6:15, :33].copy(),
    }


IMAGES = inputs()
PIL_FILTERS = {
    "nearest": Image.NEAREST,
    "box": Image.BOX,
    "bilinear": Image.BILINEAR,
    "hamming": Image.HAMMING,
    "bicubic": Image.BICUBIC,
    "lanczos3": Image.LANCZOS,
}
CV_BORDERS = {
    "reflect101": cv2.BORDER_REFLECT_101,
    "replicate": cv2.BORDER_REPLICATE,
    "reflect": cv2.BORDER_REFLECT,
    "constant": cv2.BORDER_CONSTANT,
}


def pil(image):
    return Image.fromarray(image if image.ndim == 3 else image)


def goldens():
    """Yields (kernel, options, input's name, expected, tolerance)."""
    for name in ("rgb", "gray", "rgba", "la", "tiny", "row"):
        for width, height in ((40, 23), (77, 50)):
            for filter_, method in PIL_FILTERS.items():
                expected = np.asarray(pil(IMAGES[name]).resize((width, height), method))
                yield "resize", dict(width=width, height=height, fit="fill", filter=filter_), name, expected, 1
    for name in ("rgb", "gray", "tiny", "one", "row", "column"):
        image = IMAGES[name]
        for sigma in (0.7, 2, 5):
            yield "gaussianBlur", dict(sigma=sigma), name, cv2.GaussianBlur(image, (0, 0), sigma), 0
        for border, code in CV_BORDERS.items():
            yield "gaussianBlur", dict(sigma=1.5, border=border), name, cv2.GaussianBlur(image, (0, 0), 1.5, borderType=code), 0
        yield "gaussianBlur", dict(size=5), name, cv2.GaussianBlur(image, (5, 5), 0), 0
        yield "gaussianBlur", dict(sigma=3, sigmaY=1), name, cv2.GaussianBlur(image, (0, 0), 3, sigmaY=1), 0
    for name in ("rgb", "tiny", "one", "row", "column"):
        yield "grayscale", dict(), name, cv2.cvtColor(IMAGES[name], cv2.COLOR_RGB2GRAY), 0
        yield "grayscale", dict(method="pillow"), name, np.asarray(pil(IMAGES[name]).convert("L")), 0
    yield from filter_goldens(IMAGES)
    yield from analysis_goldens(IMAGES)
    yield from geometry(IMAGES)
    yield from points(IMAGES)
    yield from warps(IMAGES)
    yield from alpha(IMAGES)
    yield from colors(IMAGES)


def main():
    for old in HERE.glob("*.z"):
        old.unlink()
    rows = []
    blobs = []
    offset = 0

    def put(array):
        nonlocal offset
        data = np.ascontiguousarray(array).tobytes()
        blobs.append(data)
        offset += len(data)
        return offset - len(data)

    images = {}
    for name, image in IMAGES.items():
        height, width = image.shape[:2]
        images[name] = dict(at=put(image), width=width, height=height, channels=image.shape[2] if image.ndim == 3 else 1)
    for kernel, options, name, expected, tolerance in goldens():
        expected = np.asarray(expected)
        rows.append(dict(kernel=kernel, options=options, input=name, at=put(expected) if expected.dtype == np.uint8 else align(put, expected), shape=list(expected.shape), dtype=expected.dtype.name, tolerance=tolerance))
    (HERE / "goldens.z").write_bytes(zlib.compress(b"".join(blobs), 9))
    lines = ",\n".join(json.dumps(row) for row in rows)
    (HERE / "goldens.json").write_text('{"images": ' + json.dumps(images) + ',\n"rows": [\n' + lines + "\n]}\n")
    print(f"{len(rows)} goldens, {(HERE / 'goldens.z').stat().st_size} bytes")


def align(put, array):
    """Wider numbers begin at a multiple of 8, where a typed array may lie."""
    at = put(np.zeros(0, np.uint8))
    put(np.zeros(-at % 8, np.uint8))
    return put(array)


if __name__ == "__main__":
    main()
