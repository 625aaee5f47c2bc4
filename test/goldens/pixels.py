"""Goldens of the kernels that move pixels and channels, and of those that make each colour another one."""
import cv2
import numpy as np
from PIL import Image

BORDERS = {
    "reflect101": cv2.BORDER_REFLECT_101,
    "replicate": cv2.BORDER_REPLICATE,
    "reflect": cv2.BORDER_REFLECT,
    "wrap": cv2.BORDER_WRAP,
    "constant": cv2.BORDER_CONSTANT,
}
BYTES = np.arange(256)


def geometry(images):
    for name in ("band", "tiny", "one", "row", "column"):
        image = images[name]
        height, width = image.shape[:2]
        for border, code in BORDERS.items():
            padded = cv2.copyMakeBorder(image, 2, 1, 3, 40, code, value=(9, 9, 9, 9))
            yield "pad", dict(left=3, top=2, right=40, bottom=1, border=border, borderValue=9), name, padded, 0
        x, y = width // 3, height // 2
        yield "crop", dict(x=x, y=y, width=width - x, height=height - y), name, image[y:, x:], 0
        yield "flip", None, name, image[::-1], 0
        yield "flop", None, name, image[:, ::-1], 0
        transposed = image.swapaxes(0, 1)
        yield "transposeImage", None, name, transposed, 0
        turned = [np.rot90(image, -turns) for turns in range(4)]
        for turns in (1, 2, 3):
            yield "rotate90", dict(turns=turns), name, turned[turns], 0
        upright = [image, image[:, ::-1], turned[2], image[::-1], transposed, turned[1], turned[2].swapaxes(0, 1), turned[3]]
        for orientation, expected in enumerate(upright, 1):
            yield "autoOrient", dict(orientation=orientation), name, expected, 0
        last = image.shape[2] - 1
        yield "extractChannel", dict(channel=last), name, image[..., last], 0
        yield "swapChannels", dict(order=[last, 0, 1]), name, image[..., [last, 0, 1]], 0


def rounded(values):
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def points(images):
    tables = [
        ("linear", dict(a=1.37, b=-20.5), 1.37 * BYTES - 20.5),
        ("linear", dict(a=0.5), 0.5 * BYTES),
        ("gamma", dict(gamma=2.2), 255 * (BYTES / 255) ** (1 / 2.2)),
        ("invert", None, 255 - BYTES),
        ("brightness", dict(factor=1.5), 1.5 * BYTES),
        ("contrast", dict(factor=1.7), (BYTES - 128) * 1.7 + 128),
        (
            "levels",
            dict(inBlack=20, inWhite=200, gamma=1.4, outBlack=10, outWhite=240),
            np.clip((BYTES - 20) / 180, 0, 1) ** (1 / 1.4) * 230 + 10,
        ),
        ("posterize", dict(bits=3), BYTES & 0b11100000),
        ("solarize", dict(threshold=100), np.where(BYTES < 100, BYTES, 255 - BYTES)),
    ]
    for kernel, options, table in tables:
        for name in ("band", "row", "one"):
            expected = cv2.LUT(images[name], rounded(table))
            if name == "band":
                expected[..., 3] = images[name][..., 3]
            yield kernel, options, name, expected, 0


def warps(images):
    """OpenCV looks pixels up at 32nds of a pixel, where they are 8 apart at most; at multiples of such it rounds as we do, but for halves."""
    matrices = [
        ([1, 0, 0.5, 0, 1, -0.25], 1),
        ([0.5, 0.25, 2, -0.125, 0.75, 1], 1),
        ([0.25, 0, 0.125, 0, 0.5, 0.0625], 1),
    ]
    methods = {"nearest": cv2.INTER_NEAREST, "bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC}
    for name in ("band", "gray", "tiny", "one", "row"):
        image = images[name]
        height, width = image.shape[:2]
        for matrix, tolerance in matrices:
            for border, code in BORDERS.items():
                rows = np.array(matrix, np.float64).reshape(2, 3)
                for filter_, method in methods.items():
                    if filter_ != "bilinear" and border != "reflect101":
                        continue
                    if filter_ == "nearest" and matrix[2] == 0.5:
                        continue
                    expected = cv2.warpAffine(image, rows, (21, 9), flags=method | cv2.WARP_INVERSE_MAP, borderMode=code, borderValue=(9, 9, 9, 9))
                    options = dict(matrix=matrix, width=21, height=9, border=border, borderValue=9, filter=filter_)
                    yield "affine", options, name, expected, 2 if filter_ == "bicubic" else tolerance
        whole = np.array([[1, 0, 2], [0, 1, -1], [0, 0, 2]], np.float64)
        expected = cv2.warpPerspective(image, whole, (21, 9), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REFLECT_101)
        yield "perspective", dict(matrix=whole.ravel().tolist(), width=21, height=9), name, expected, 1
        for turns in range(4):
            yield "rotate", dict(angle=90 * turns - 180), name, np.rot90(image, 2 - turns), 0


def alpha(images):
    for name, mode in (("band", "RGBA"), ("la", "LA")):
        picture = Image.fromarray(images[name], mode)
        yield "premultiply", None, name, np.asarray(picture.convert(mode[:-1] + "a")), 0
        yield "unpremultiply", None, name, np.asarray(Image.frombytes(mode[:-1] + "a", picture.size, picture.tobytes()).convert(mode)), 0
        colors, share = images[name][..., :-1].astype(np.float64), images[name][..., -1:] / 255
        yield "flatten", dict(background=90), name, rounded(colors * share + 90 * (1 - share)), 0
    sepia = [[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]]
    for name in ("row", "tiny", "one"):
        yield "colorMatrix", dict(matrix=sepia), name, cv2.transform(images[name], np.array(sepia)), 1
        scaled = images[name].astype(np.float32) / np.float32(255)
        mean, std = np.array([0.485, 0.456, 0.406], np.float32), np.array([0.229, 0.224, 0.225], np.float32)
        expected = ((scaled - mean) / std).transpose(2, 0, 1)
        options = dict(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
        yield "toTensor", options, name, expected, 1e-6
        yield "toTensor", dict(layout="hwc", bgr=True), name, scaled[..., ::-1], 1e-6


def ycbcr(image, code):
    """OpenCV's order is Y, Cr, Cb."""
    return cv2.cvtColor(image if code == cv2.COLOR_RGB2YCrCb else image[..., [0, 2, 1]].copy(), code)


def colors(images):
    """Bytes within 1 of OpenCV; Lab and conversions back within 2. XYZ and light: exact arithmetic."""
    spaces = {"hsv": ("HSV", "HSV"), "lab": ("Lab", "Lab"), "hsl": ("HLS", "HLS")}
    for name in ("rgb", "tiny", "row"):
        image = images[name]
        for space, (there, back) in spaces.items():
            converted = cv2.cvtColor(image, getattr(cv2, "COLOR_RGB2" + there))
            ours = converted[..., [0, 2, 1]] if space == "hsl" else converted
            yield "convertColor", dict(to=space), name, ours, 2 if space == "lab" else 1
            again = cv2.cvtColor(image, getattr(cv2, f"COLOR_{back}2RGB"))
            if space == "hsl":
                again = cv2.cvtColor(image[..., [0, 2, 1]].copy(), cv2.COLOR_HLS2RGB)
            yield "convertColor", {"from": space, "to": "rgb"}, name, again, 2
        yield "convertColor", dict(to="ycbcr"), name, ycbcr(image, cv2.COLOR_RGB2YCrCb)[..., [0, 2, 1]], 1
        yield "convertColor", {"from": "ycbcr", "to": "rgb"}, name, ycbcr(image, cv2.COLOR_YCrCb2RGB), 2
        yield "convertColor", dict(to="gray"), name, cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), 1
        scaled = image / 255
        light = np.where(scaled <= 0.04045, scaled / 12.92, ((scaled + 0.055) / 1.055) ** 2.4)
        yield "convertColor", dict(to="linear"), name, rounded(light * 255), 0
