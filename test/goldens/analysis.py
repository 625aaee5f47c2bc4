"""Goldens of the kernels that measure or need a whole frame: rows for make.py."""
import cv2
import numpy as np
from PIL import Image, ImageOps
from scipy import ndimage
from skimage.metrics import peak_signal_noise_ratio, structural_similarity


def analysis_goldens(images):
    """Yields (kernel, options, input's name, expected, tolerance)."""
    flat = lambda channels: np.concatenate([np.asarray(each).ravel() for each in channels])
    for name in ("rgb", "gray", "tiny", "one", "row", "column"):
        image = images[name]
        split = cv2.split(image)
        for options, kind in ((dict(value=100), cv2.THRESH_BINARY), (dict(value=100, invert=True), cv2.THRESH_BINARY_INV)):
            yield "threshold", options, name, cv2.threshold(image, 100, 255, kind)[1], 0
        yield "equalize", dict(method="pillow"), name, np.asarray(ImageOps.equalize(Image.fromarray(image))), 0
        for cutoff in (0, 3):
            expected = ImageOps.autocontrast(Image.fromarray(image), cutoff=cutoff)
            yield "autocontrast", dict(cutoff=cutoff), name, np.asarray(expected), 0
        counts = [np.bincount(channel.ravel(), minlength=256).astype(np.uint32) for channel in split]
        yield "histogram", {}, name, flat(counts), 0
        if name != "rgb":
            yield "integral", {}, name, cv2.integral(image), 0
    grays = {"gray": images["gray"]}
    for name, image in grays.items():
        yield "otsu", {}, name, cv2.threshold(image, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1], 0
        yield "equalize", {}, name, cv2.equalizeHist(image), 0
        for limit, tiles in ((40, (8, 8)), (2, (3, 2)), (0, (5, 7)), (3, (47, 31))):
            yield "clahe", dict(clipLimit=limit, tiles=tiles), name, cv2.createCLAHE(limit, tiles).apply(image), 0
        for low, high, l2 in ((50, 150, False), (20, 60, True), (200, 400, False)):
            expected = cv2.Canny(image, low, high, L2gradient=l2)
            yield "canny", dict(low=low, high=high, l2=l2), name, expected, 0
    for a, b in (("rgb", "astronaut"), ("gray", "cup")):
        one, other = images[a], images[b]
        axis = 2 if one.ndim == 3 else None
        yield "absdiff", {}, f"{a}+{b}", cv2.absdiff(one, other), 0
        yield "psnr", {}, f"{a}+{b}", [peak_signal_noise_ratio(one, other)], 1e-9
        uniform = structural_similarity(one, other, channel_axis=axis)
        yield "ssim", {}, f"{a}+{b}", [uniform], 1e-9
        wang = dict(gaussian_weights=True, sigma=1.5, use_sample_covariance=False)
        yield "ssim", dict(window="gaussian"), f"{a}+{b}", [structural_similarity(one, other, channel_axis=axis, **wang)], 1e-9
    for name in ("mask", "checks", "gray"):
        image = images[name]
        yield "connectedComponents", {}, name, ndimage.label(image, np.ones((3, 3)))[0].astype(np.int32), 0
        yield "connectedComponents", dict(connectivity=4), name, ndimage.label(image)[0].astype(np.int32), 0
        if image.min() == 0:
            yield "distanceTransform", {}, name, ndimage.distance_transform_edt(image).astype(np.float32), 0
    yield "distanceTransform", {}, "full", np.full((5, 9), np.inf, np.float32), 0
    kinds = dict(sqdiff=cv2.TM_SQDIFF, ccorr=cv2.TM_CCORR, ccoeff=cv2.TM_CCOEFF)
    for name in ("gray", "rgb"):
        image = images[name]
        for diameter, color, space in ((5, 30, 4), (9, 75, 75), (4, 12, 1)):
            expected = cv2.bilateralFilter(image, diameter, color, space)
            yield "bilateral", dict(diameter=diameter, sigmaColor=color, sigmaSpace=space), name, expected, 1
        y, x = 9, 20
        template = dict(image=name, x=x, y=y, width=11, height=8)
        for method, kind in kinds.items():
            expected = cv2.matchTemplate(image, image[y : y + 8, x : x + 11], kind)
            yield "matchTemplate", dict(template=template, method=method), name, expected, 1e-5 * float(np.abs(expected).max())
            expected = cv2.matchTemplate(image, image[y : y + 8, x : x + 11], kind + (cv2.TM_SQDIFF_NORMED - cv2.TM_SQDIFF))
            yield "matchTemplate", dict(template=template, method=f"{method}Normed"), name, expected, 1e-4
