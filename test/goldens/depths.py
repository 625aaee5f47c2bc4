#!/usr/bin/env python3
"""Makes the goldens of words and floats, of blend modes and of hashes: what OpenCV and Pillow answer, or NumPy by the published formula.

    apt-get install python3-opencv python3-pil python3-scipy
    /usr/bin/python3 test/goldens/depths.py

The test (test/colour-goldens.test.ts) reads depths.json; it needs no Python.
"""
import base64
import json
import pathlib

import cv2
import numpy as np
from PIL import Image, ImageChops
from scipy import fft

HERE = pathlib.Path(__file__).parent
PHOTO = cv2.cvtColor(cv2.imread(str(HERE.parent.parent / "examples" / "photos" / "astronaut.png")), cv2.COLOR_BGR2RGB)
WHITE = {"uint8": 255, "uint16": 65535, "float32": 1}
cv2.setNumThreads(1)
rng = np.random.default_rng(11)


def depths(shape):
    """The same noise and structure as bytes, words and floats."""
    height, width, channels = shape
    photo = np.dstack([PHOTO[100 : 100 + height, 200 : 200 + width], rng.integers(0, 256, (height, width, 1))])[..., -channels:]
    exact = np.clip((photo + rng.random(shape)) / 256, 0, 1)
    exact[0, :2] = [[0] * channels, [1] * channels]
    return {"uint8": np.rint(exact * 255).astype(np.uint8), "uint16": np.rint(exact * 65535).astype(np.uint16), "float32": exact.astype(np.float32)}


IMAGES = {f"{name} {dtype}": image for name, shape in {"rgba": (7, 11, 4), "over": (7, 11, 4), "rgb": (7, 11, 3), "gray": (9, 13, 1)}.items() for dtype, image in depths(shape).items()}
IMAGES["over uint8"][..., :3], IMAGES["over uint16"][..., :3] = rng.integers(0, 256, (7, 11, 3)), rng.integers(0, 65536, (7, 11, 3))
WIDE = [(dtype, name) for dtype in ("uint16", "float32") for name in ("rgb", "gray")]


def stored(values, dtype):
    if dtype == "float32":
        return values.astype(np.float32)
    return np.clip(np.rint(values), 0, WHITE[dtype]).astype(dtype)


def points():
    """Alpha stays as it is."""
    for dtype, white in WHITE.items():
        image = IMAGES[f"rgba {dtype}"]
        x, alpha = image[..., :3].astype(np.float64), image[..., 3]
        rows = [
            ("linear", dict(a=1.37, b=-0.08 * white), 1.37 * x - 0.08 * white),
            ("linear", dict(a=[0.5, 1.5, 1], b=[3, 0, -1]), x * [0.5, 1.5, 1] + [3, 0, -1]),
            ("gamma", dict(gamma=2.2), white * (x / white) ** (1 / 2.2)),
            ("gamma", dict(gamma=0.45), white * (x / white) ** (1 / 0.45)),
            ("invert", {}, white - x),
            ("levels", dict(inBlack=0.1 * white, gamma=1.4, outWhite=0.9 * white), np.clip((x - 0.1 * white) / (white - 0.1 * white), 0, 1) ** (1 / 1.4) * 0.9 * white),
        ]
        for kernel, options, values in rows:
            yield kernel, options, f"rgba {dtype}", np.dstack([stored(values, dtype), alpha]), 2e-7 if dtype == "float32" else 0
    table = (np.arange(65536) * 40503 + 7).astype(np.uint16)
    yield "lut", dict(table=dict(words=[40503, 7])), "rgb uint16", table[IMAGES["rgb uint16"]], 0
    for dtype, name in WIDE:
        white, image = WHITE[dtype], IMAGES[f"{name} {dtype}"]
        for value, maximum in ((0.4 * white, white), (0.7 * white, 0.5 * (white + white % 2))):
            expected = cv2.threshold(image, value, maximum, cv2.THRESH_BINARY)[1]
            yield "threshold", dict(value=value, max=maximum), f"{name} {dtype}", expected, 0


def windows():
    borders = {"reflect101": cv2.BORDER_REFLECT_101, "replicate": cv2.BORDER_REPLICATE, "reflect": cv2.BORDER_REFLECT}
    kernel = [[0.1, -0.7, 0.2], [0.3, 0.9, 0], [0.4, 0.25, -0.3]]
    for dtype, name in WIDE:
        image = IMAGES[f"{name} {dtype}"]
        near, far = (1e-6, 1e-5) if dtype == "float32" else (0, 1)
        for border, code in borders.items():
            for size in (3, 5, 11):
                yield "boxBlur", dict(size=size, border=border), f"{name} {dtype}", cv2.blur(image, (size, size), borderType=code), near
            for sigma in (0.8, 2.5):
                yield "gaussianBlur", dict(sigma=sigma, border=border), f"{name} {dtype}", cv2.GaussianBlur(image, (0, 0), sigma, borderType=code), far
            yield "convolve", dict(kernel=kernel, border=border), f"{name} {dtype}", cv2.filter2D(image, -1, np.array(kernel), borderType=code), far
        x, y = [0.2, 0.5, 0.3], [0.25, 0.5, 0.25]
        yield "convolveSeparable", dict(x=x, y=y), f"{name} {dtype}", cv2.sepFilter2D(image, -1, np.array(x), np.array(y)), far
        close = 1e-5 * WHITE[dtype]
        for dx, dy, size in ((1, 0, 3), (0, 1, 5), (1, 1, 3), (2, 0, 7)):
            yield "sobel", dict(dx=dx, dy=dy, size=size), f"{name} {dtype}", cv2.Sobel(image, cv2.CV_32F, dx, dy, ksize=size), close * size**2
        yield "scharr", dict(dx=0, dy=1), f"{name} {dtype}", cv2.Scharr(image, cv2.CV_32F, 0, 1), close * 9
        yield "laplacian", dict(size=3), f"{name} {dtype}", cv2.Laplacian(image, cv2.CV_32F, ksize=3), close * 9


def geometry():
    for dtype, name in WIDE:
        image = IMAGES[f"{name} {dtype}"]
        matrix = [0.5, 0.25, 2, -0.125, 0.75, 1]
        expected = cv2.warpAffine(image, np.array(matrix).reshape(2, 3), (15, 9), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE)
        yield "affine", dict(matrix=matrix, width=15, height=9, border="replicate"), f"{name} {dtype}", expected, 1e-6 if dtype == "float32" else 1
        yield "pad", dict(left=3, top=1, right=2, bottom=5, border="reflect"), f"{name} {dtype}", cv2.copyMakeBorder(image, 1, 5, 3, 2, cv2.BORDER_REFLECT), 0
    floats = IMAGES["gray float32"]
    for filter_, method in {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "lanczos3": Image.LANCZOS}.items():
        for size in ((8, 5), (40, 23)):
            options = dict(width=size[0], height=size[1], fit="fill", filter=filter_)
            yield "resize", options, "gray float32", np.asarray(Image.fromarray(floats[..., 0]).resize(size, method)), 3e-5


def measures():
    for dtype, name in WIDE:
        image = IMAGES[f"{name} {dtype}"]
        planes = image.reshape(-1, image.shape[2]).astype(np.float64).T
        numbers = [[plane.mean(), plane.std(), plane.min(), plane.max()] for plane in planes]
        yield "stats", {}, f"{name} {dtype}", np.array(numbers), 1e-10 * WHITE[dtype]
        scaled = (image / WHITE[dtype]).astype(np.float32)
        yield "toTensor", dict(mean=0.4, std=0.25), f"{name} {dtype}", ((scaled - np.float32(0.4)) / np.float32(0.25)).transpose(2, 0, 1), 1e-6


MODES = {
    "over": lambda below, above: above,
    "multiply": lambda below, above: below * above,
    "screen": lambda below, above: below + above - below * above,
    "overlay": lambda below, above: np.where(below <= 0.5, 2 * below * above, 1 - 2 * (1 - below) * (1 - above)),
    "darken": np.minimum,
    "lighten": np.maximum,
    "difference": lambda below, above: abs(below - above),
}
CHOPS = {
    "multiply": ImageChops.multiply,
    "screen": ImageChops.screen,
    "overlay": ImageChops.overlay,
    "darken": ImageChops.darker,
    "lighten": ImageChops.lighter,
    "difference": ImageChops.difference,
    "add": ImageChops.add,
}


def mixed(mode, base, over, opacity):
    """W3C, Compositing and Blending Level 1: colours of 0 to 1 with straight alpha."""
    a, b = base[..., 3:], over[..., 3:] * opacity
    if mode == "add":
        alpha = np.minimum(a + b, 1)
        color = a * base[..., :3] + b * over[..., :3]
    else:
        alpha = a + b - a * b
        color = b * (1 - a) * over[..., :3] + a * (1 - b) * base[..., :3] + a * b * MODES[mode](base[..., :3], over[..., :3])
    return np.dstack([np.divide(color, alpha, out=np.zeros_like(color), where=alpha > 0), alpha])


def mixtures():
    for dtype, white in WHITE.items():
        base, over = IMAGES[f"rgba {dtype}"], IMAGES[f"over {dtype}"]
        for mode in [*MODES, "add"]:
            for opacity in (1, 0.6):
                expected = stored(mixed(mode, base / white, over / white, opacity) * white, dtype)
                yield "composite", dict(over=dict(image=f"over {dtype}"), mode=mode, opacity=opacity), f"rgba {dtype}", expected, 1e-6 if dtype == "float32" else 1
        for opacity in (0.25, 0.7):
            expected = cv2.addWeighted(base, 1 - opacity, over, opacity, 0)
            yield "blend", dict(over=dict(image=f"over {dtype}"), opacity=opacity), f"rgba {dtype}", expected, 1e-6 if dtype == "float32" else 1
    opaque = [np.ascontiguousarray(IMAGES[f"{name} uint8"][..., :3]) for name in ("rgba", "over")]
    IMAGES["opaque"], IMAGES["opaque over"] = opaque
    for mode, chop in CHOPS.items():
        expected = np.asarray(chop(*map(Image.fromarray, opaque)))
        yield "composite", dict(over=dict(image="opaque over"), mode=mode), "opaque", expected, 1
    layers = [Image.fromarray(IMAGES[f"{name} uint8"]) for name in ("rgba", "over")]
    yield "composite", dict(over=dict(image="over uint8")), "rgba uint8", np.asarray(Image.alpha_composite(*layers)), 1


def hashes():
    """Pillow makes the picture small, OpenCV gray, SciPy knows its frequencies."""
    for x, y in ((40, 20), (170, 60), (300, 250), (20, 380)):
        IMAGES[f"part {x}"] = picture = np.ascontiguousarray(PHOTO[y : y + 38, x : x + 45])

        def small(width, height):
            return cv2.cvtColor(np.asarray(Image.fromarray(picture).resize((width, height), Image.BILINEAR)), cv2.COLOR_RGB2GRAY).astype(np.float64)

        wide = small(9, 8)
        low = fft.dctn(small(32, 32))[:8, :8]
        bits = dict(average=small(8, 8) > small(8, 8).mean(), difference=wide[:, :-1] > wide[:, 1:], phash=low > np.median(low))
        for kind, each in bits.items():
            yield "perceptualHash", dict(kind=kind), f"part {x}", np.packbits(each), 0


def packed(array):
    array = np.ascontiguousarray(array)
    if array.ndim == 2:
        array = array[..., None]
    return dict(shape=list(array.shape), dtype=array.dtype.name, data=base64.b64encode(array.tobytes()).decode())


def main():
    rows = []
    for kernel, options, name, expected, tolerance in [*points(), *windows(), *geometry(), *measures(), *mixtures(), *hashes()]:
        rows.append(dict(kernel=kernel, options=options, input=name, expected=packed(expected), tolerance=tolerance))
    images = {name: packed(image) for name, image in IMAGES.items()}
    lines = ",\n".join(json.dumps(row) for row in rows)
    (HERE / "depths.json").write_text('{"images": ' + json.dumps(images) + ',\n"rows": [\n' + lines + "\n]}\n")
    print(f"{len(rows)} goldens, {(HERE / 'depths.json').stat().st_size} bytes")


if __name__ == "__main__":
    main()
