#!/usr/bin/env python3
"""Makes the goldens of remap, of rotate by any angle, of XYZ and of colours in floats: what OpenCV, SciPy and scikit-image answer.

    apt-get install python3-opencv python3-skimage python3-scipy
    /usr/bin/python3 test/goldens/colour.py

The test (test/colour-goldens.test.ts) reads colour.json; it needs no Python.
"""
import base64
import json
import math
import pathlib

import cv2
import numpy as np
from scipy import ndimage
from skimage import color

HERE = pathlib.Path(__file__).parent
PHOTO = cv2.cvtColor(cv2.imread(str(HERE.parent.parent / "examples" / "photos" / "astronaut.png")), cv2.COLOR_BGR2RGB)
rng = np.random.default_rng(5)

BORDERS = {
    "reflect101": cv2.BORDER_REFLECT_101,
    "replicate": cv2.BORDER_REPLICATE,
    "reflect": cv2.BORDER_REFLECT,
    "wrap": cv2.BORDER_WRAP,
    "constant": cv2.BORDER_CONSTANT,
}
FILTERS = {"nearest": cv2.INTER_NEAREST, "bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC}

rgb = np.ascontiguousarray(PHOTO[100:121, 200:233])
gray = np.ascontiguousarray(rgb[..., 1:2])
rgba = np.dstack([rgb, rng.integers(0, 256, rgb.shape[:2], np.uint8)])
colors = rng.integers(0, 256, (16, 20, 3), np.uint8)
floats = rng.random((16, 20, 3), np.float32)
IMAGES = dict(rgb=rgb, gray=gray, rgba=rgba, colors=colors, floats=floats)


def maps():
    """OpenCV looks pixels up at 32nds of a pixel: at places that are such it weighs as we do, but for its 15 bits."""
    for name in ("rgb", "gray", "rgba"):
        height, width = IMAGES[name].shape[:2]
        x, y = (rng.integers(-4 * 32, (side + 4) * 32, (11, 37)).astype(np.float32) / 32 for side in (width, height))
        x, y = (np.where(place % 1 == 0.5, place + np.float32(1 / 32), place) for place in (x, y))
        IMAGES[name + " x"], IMAGES[name + " y"] = x, y
        options = dict(width=37, height=11, mapX=dict(numbers=name + " x"), mapY=dict(numbers=name + " y"), borderValue=9)
        for border, code in BORDERS.items():
            for filter_, method in FILTERS.items():
                expected = cv2.remap(IMAGES[name], x, y, method, borderMode=code, borderValue=(9, 9, 9, 9))
                yield "remap", dict(options, border=border, filter=filter_), name, expected, 0 if filter_ == "nearest" else 1


def rotations():
    """Centre on centre, on a canvas that holds all; SciPy weighs in doubles."""
    for name in ("rgb", "gray", "rgba"):
        image = IMAGES[name]
        height, width = image.shape[:2]
        for angle in (30, -12.5, 191.5):
            cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
            columns, rows = (math.ceil(abs(a) + abs(b) - 1e-6) for a, b in ((width * cos, height * sin), (width * sin, height * cos)))
            y, x = np.mgrid[0:rows, 0:columns].astype(float)
            x, y = x - (columns - 1) / 2, y - (rows - 1) / 2
            places = [y * cos - x * sin + (height - 1) / 2, x * cos + y * sin + (width - 1) / 2]
            planes = [ndimage.map_coordinates(image[..., c].astype(float), places, order=1, mode="grid-constant", cval=7) for c in range(image.shape[2])]
            yield "rotate", dict(angle=angle, background=7), name, np.rint(np.dstack(planes)).astype(np.uint8), 1


def bytes_of(values):
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)


def conversions():
    """scikit-image computes XYZ and Lab as the standards say; OpenCV hues, and YCrCb with a middle of 0.5 instead of 128 / 255."""
    for name in ("rgb", "colors"):
        yield "convertColor", dict(to="xyz"), name, bytes_of(color.rgb2xyz(IMAGES[name])), 1
        yield "convertColor", {"from": "xyz", "to": "rgb"}, name, bytes_of(color.xyz2rgb(IMAGES[name] / 255)), 1
    yield "convertColor", dict(to="xyz"), "floats", color.rgb2xyz(floats), 1e-5
    yield "convertColor", dict(to="lab"), "floats", color.rgb2lab(floats), 1e-3
    yield "convertColor", dict(to="hsv"), "floats", cv2.cvtColor(floats, cv2.COLOR_RGB2HSV), 1e-3
    yield "convertColor", dict(to="hsl"), "floats", cv2.cvtColor(floats, cv2.COLOR_RGB2HLS)[..., [0, 2, 1]], 1e-3
    middle = np.float32([0, 128 / 255 - 0.5, 128 / 255 - 0.5])
    yield "convertColor", dict(to="ycbcr"), "floats", cv2.cvtColor(floats, cv2.COLOR_RGB2YCrCb)[..., [0, 2, 1]] + middle, 1e-5
    yield "convertColor", dict(to="gray"), "floats", cv2.cvtColor(floats, cv2.COLOR_RGB2GRAY), 1e-5
    back = {
        "lab": color.rgb2lab(floats),
        "hsv": cv2.cvtColor(floats, cv2.COLOR_RGB2HSV),
        "xyz": color.rgb2xyz(floats),
    }
    for space, numbers in back.items():
        IMAGES[space] = numbers.astype(np.float32)
        yield "convertColor", {"from": space, "to": "rgb"}, space, floats, 1e-3


def packed(array):
    array = np.ascontiguousarray(array)
    if array.dtype == np.float64:
        array = array.astype(np.float32)
    if array.ndim == 2:
        array = array[..., None]
    return dict(shape=list(array.shape), dtype=array.dtype.name, data=base64.b64encode(array.tobytes()).decode())


def main():
    rows = []
    for kernel, options, name, expected, tolerance in [*maps(), *rotations(), *conversions()]:
        rows.append(dict(kernel=kernel, options=options, input=name, expected=packed(expected), tolerance=tolerance))
    images = {name: packed(image) for name, image in IMAGES.items()}
    lines = ",\n".join(json.dumps(row) for row in rows)
    (HERE / "colour.json").write_text('{"images": ' + json.dumps(images) + ',\n"rows": [\n' + lines + "\n]}\n")
    print(f"{len(rows)} goldens, {(HERE / 'colour.json').stat().st_size} bytes")


if __name__ == "__main__":
    main()
