"""Goldens of the kernels that look at a window: rows for make.py."""
import cv2
import numpy as np
from PIL import Image, ImageFilter

BORDERS = {"reflect101": cv2.BORDER_REFLECT_101, "replicate": cv2.BORDER_REPLICATE, "reflect": cv2.BORDER_REFLECT}
OPERATIONS = {
    "open": cv2.MORPH_OPEN,
    "close": cv2.MORPH_CLOSE,
    "gradient": cv2.MORPH_GRADIENT,
    "tophat": cv2.MORPH_TOPHAT,
    "blackhat": cv2.MORPH_BLACKHAT,
}


def filter_goldens(images):
    """Yields (kernel, options, input's name, expected, tolerance)."""
    for name in ("gray", "rgba", "tiny", "one", "row", "column"):
        for row in blurs(images[name]):
            yield row[0], row[1], name, row[2], row[3]
    for name in ("gray", "tiny", "one", "row", "column"):
        for row in derivatives(images[name]):
            yield row[0], row[1], name, row[2], 0
    for name in ("gray", "tiny", "row"):
        for row in morphology(images[name]):
            yield row[0], row[1], name, row[2], 0
    gray = images["gray"]
    for size, c in ((3, 0), (11, 4.5), (21, -3)):
        for method, code in (("mean", cv2.ADAPTIVE_THRESH_MEAN_C), ("gaussian", cv2.ADAPTIVE_THRESH_GAUSSIAN_C)):
            expected = cv2.adaptiveThreshold(gray, 255, code, cv2.THRESH_BINARY, size, c)
            yield "adaptiveThreshold", dict(size=size, c=c, method=method), "gray", expected, 0


def blurs(image):
    for border, code in BORDERS.items():
        yield "boxBlur", dict(size=5, border=border), cv2.blur(image, (5, 5), borderType=code), 0
    yield "boxBlur", dict(size=21), cv2.blur(image, (21, 21)), 0
    weights = [[0.1, 0.25, -0.3], [0.5, 1.25, 0.05], [-0.75, 0.2, 0.01]]
    yield "convolve", dict(kernel=weights), cv2.filter2D(image, -1, np.array(weights, np.float32)), 1
    weights = [[0, -1, 0, 2], [-1, 5, -1, 0], [0, -1, 0, -2]]
    expected = cv2.filter2D(image, -1, np.array(weights, np.float32), borderType=cv2.BORDER_REPLICATE)
    yield "convolve", dict(kernel=weights, border="replicate"), expected, 0
    around = np.array([[-2, -2, -2], [-2, 32, -2], [-2, -2, -2]], np.float32) / 16
    yield "sharpen", {}, cv2.filter2D(image, -1, around), 0
    expected = cv2.sepFilter2D(image, -1, np.array([1, 2, 1]), np.array([-1, 0, 1]))
    yield "convolveSeparable", dict(x=[1, 2, 1], y=[-1, 0, 1]), expected, 0
    expected = cv2.sepFilter2D(image, -1, np.array([0.1, 0.2, 0.7]), np.array([0.25, 0.5, 0.3]))
    yield "convolveSeparable", dict(x=[0.1, 0.2, 0.7], y=[0.25, 0.5, 0.3]), expected, 1
    for radius, percent, threshold in ((2, 150, 3), (0.6, 80, 0), (9.5, 250, 5)):
        expected = Image.fromarray(image).filter(ImageFilter.UnsharpMask(radius, percent, threshold))
        yield "unsharp", dict(radius=radius, percent=percent, threshold=threshold), np.asarray(expected), 0
    for size in (1, 3, 5, 7, 15):
        yield "medianBlur", dict(size=size), cv2.medianBlur(image, size), 0


def derivatives(image):
    for size in (1, 3, 5, 7):
        yield "sobel", dict(dx=1, dy=0, size=size), cv2.Sobel(image, cv2.CV_16S, 1, 0, ksize=size)
        yield "laplacian", dict(size=size, dtype="f32"), cv2.Laplacian(image, cv2.CV_32F, ksize=size)
    yield "sobel", dict(dx=0, dy=2, size=7, dtype="f32"), cv2.Sobel(image, cv2.CV_32F, 0, 2, ksize=7)
    yield "sobel", dict(dx=1, dy=1, size=5, dtype="u8"), cv2.Sobel(image, cv2.CV_8U, 1, 1, ksize=5)
    yield "scharr", dict(dx=0, dy=1), cv2.Scharr(image, cv2.CV_16S, 0, 1)
    gx, gy = cv2.Sobel(image, cv2.CV_32F, 1, 0), cv2.Sobel(image, cv2.CV_32F, 0, 1)
    yield "sobelMagnitude", dict(dtype="f32"), np.sqrt(gx * gx + gy * gy)


def morphology(image):
    shape = [[0, 1, 0, 0], [1, 0, 0, 1], [0, 1, 1, 1]]
    windows = (
        (dict(size=3), np.ones((3, 3), np.uint8), 1),
        (dict(size=8, iterations=2), np.ones((8, 8), np.uint8), 2),
        (dict(kernel=shape, iterations=2), np.array(shape, np.uint8), 2),
    )
    for options, window, times in windows:
        yield "erode", options, cv2.erode(image, window, iterations=times)
        yield "dilate", options, cv2.dilate(image, window, iterations=times)
        for op, code in OPERATIONS.items():
            yield "morphology", dict(op=op, **options), cv2.morphologyEx(image, code, window, iterations=times)
