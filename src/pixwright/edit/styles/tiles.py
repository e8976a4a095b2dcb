"""Styles made of pieces: pixel art, mosaic, stained glass, pointillism, low poly, cross stitch."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.styles.strokes import seeds
from pixwright.edit.styles.structure import at_most, kuwahara, lab_to_rgb, palette_of, paper, relief, to_palette, unit
from pixwright.edit.surfaces.noise import fbm, value_noise, worley
from pixwright.edit.toning.lut import (
    LUMA,
    Colours,
    contrast,
    gamma,
    grey,
    map_colours,
    mix,
    multiply_layer,
    resize_field,
    saturate,
    smoothstep,
    vibrance,
)
from pixwright.media.pixels import resized, shrink
from pixwright.records.instruction import Array

Labels = NDArray[np.int32]


def mean_of(picture: Array, labels: Labels) -> Colours:
    """(N, 3) float32 mean colour of each label, by counting."""
    flat, count = labels.ravel(), int(labels.max()) + 1
    size = np.maximum(np.bincount(flat, minlength=count), 1)
    sums = [np.bincount(flat, weights=picture[..., c].ravel(), minlength=count) for c in range(3)]
    return (np.stack(sums, 1) / size[:, None]).astype(np.float32)


def pixel_art(picture: Array, rng: np.random.Generator) -> Array:
    """Square pixels in 24 colours with a light ordered dither and dark outlines, as on an old console."""
    h, w = picture.shape[:2]
    cells = 104 if min(h, w) >= 208 else max(8, min(h, w) // 2)
    scale = cells / min(h, w)
    gh, gw = max(4, round(h * scale)), max(4, round(w * scale))
    small = resized(kuwahara(shrink(picture, 900), 2), gh, gw)
    small = map_colours(small, lambda c: contrast(vibrance(saturate(c, 1.25), 0.4), 0.25))
    palette = palette_of(small, 24, rng)
    bayer = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32) / 15 - 0.5
    dither = np.tile(bayer, (gh // 4 + 1, gw // 4 + 1))[:gh, :gw, None] * 7
    dotted = np.clip(small + dither, 0, 255).astype(np.uint8)
    out = lab_to_rgb(palette)[to_palette(dotted, palette)]
    result: Array = cv2.resize(out, (w, h), interpolation=cv2.INTER_NEAREST)
    return result


def mosaic(picture: Array, rng: np.random.Generator) -> Array:
    """Small stones with bevelled edges and pale grout."""
    h, w = picture.shape[:2]
    u = unit(picture)
    cell = max(9 * u, 4.0)
    near, second, ident = worley(h, w, cell, rng)
    base = map_colours(picture, lambda c: contrast(vibrance(saturate(c, 1.2), 0.4), 0.15))
    colours = (
        mean_of(base, ident) + rng.normal(0, 9, (int(ident.max()) + 1, 1)) + rng.normal(0, 3, (int(ident.max()) + 1, 3))
    )
    stones = np.clip(colours, 0, 255).astype(np.uint8)[ident]
    gap = second - near
    bevel = smoothstep(0, 0.45, gap / cell)
    stones = relief(stones, bevel, 13)
    grout = (np.full_like(picture, (128, 120, 108)).astype(np.int16) + (paper(h, w, rng, 1.0) * 7)[..., None]).astype(
        np.uint8
    )
    joint = 0.09 * cell
    return mix(grout, stones, smoothstep(joint * 0.6, joint * 0.6 + max(1.0, 0.12 * cell), gap))


def stained_glass(picture: Array, rng: np.random.Generator) -> Array:
    """Panes cut along the picture's shapes, glowing colour, black lead."""
    h, w = picture.shape[:2]
    small = shrink(picture, 640)
    u = unit(small)
    sh, sw = small.shape[:2]
    flat = kuwahara(small, max(3, round(6 * u)), 9)
    shapes = to_palette(flat, palette_of(flat, 7, rng))
    shapes = cv2.medianBlur(shapes, 2 * max(2, round(4 * u)) + 1)
    _, _, cells = worley(sh, sw, 58 * u, rng)
    panes = _merge_small(cells * 8 + shapes, round(260 * u * u))
    edge = np.zeros((sh, sw), np.float32)
    edge[:, 1:] = panes[:, 1:] != panes[:, :-1]
    edge[1:] = np.maximum(edge[1:], panes[1:] != panes[:-1])
    distance = cv2.distanceTransform((edge == 0).astype(np.uint8), cv2.DIST_L2, 5)
    distance = cv2.GaussianBlur(distance, (0, 0), max(0.8, 0.9 * u))
    colours = mean_of(small, panes)[None].astype(np.uint8)
    colours = map_colours(colours, lambda c: contrast(vibrance(saturate(gamma(c, 0.72), 2.1), 0.5), 0.2))
    pane = cv2.resize(colours[0][panes], (w, h), interpolation=cv2.INTER_NEAREST)
    away = resize_field(distance, w, h)
    shade = resized(grey(small), h, w).astype(np.float32) / 255
    swirl = fbm(h, w, 60 * unit(picture), 4, rng)
    light = 0.62 + 0.42 * smoothstep(0, 16 * u, away) + 0.45 * (swirl - 0.5) + 0.30 * (shade - 0.5)
    glass = multiply_layer(pane, np.clip(light, 0.2, 1.6))
    lead = smoothstep(2.4 * u, 1.3 * u, away)
    metal = np.full_like(picture, (26, 26, 30))
    metal = relief(metal, smoothstep(0, 2.4 * u, away), 16)
    return mix(glass, metal, lead)


def _merge_small(labels: Labels, area: int) -> Labels:
    """Number the connected panes; those under `area` pixels join the nearest larger one."""
    _, compact = np.unique(labels, return_inverse=True)
    compact = compact.reshape(labels.shape)
    pieces = np.zeros(labels.shape, np.int32)
    count = 0
    # One connected-components pass for each of a few label classes: neighbours differ in class, because the cell number and the
    # shape's colour both enter it.
    classes = (compact * 7919) % 97
    for value in np.unique(classes):
        number, part = cv2.connectedComponents((classes == value).astype(np.uint8), connectivity=4)
        pieces = np.where(part > 0, part + count, pieces)
        count += number - 1
    size = np.bincount(pieces.ravel())
    small = size[pieces] < area
    if small.all() or not small.any():
        return pieces
    _, nearest = cv2.distanceTransformWithLabels(small.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    owner = np.zeros(int(nearest.max()) + 1, np.int32)
    owner[nearest[~small]] = pieces[~small]
    merged: Labels = np.where(small, owner[nearest], pieces)
    return merged


def pointillism(picture: Array, rng: np.random.Generator) -> Array:
    """Dots of pure colour side by side on a light ground."""

    def dots(p: Array, rng: np.random.Generator) -> Array:
        u = unit(p)
        h, w = p.shape[:2]
        model = map_colours(cv2.GaussianBlur(p, (0, 0), u), lambda c: vibrance(saturate(gamma(c, 0.85), 1.5), 0.6))
        canvas = np.full_like(p, (238, 230, 212))
        canvas = mix(canvas, cv2.GaussianBlur(model, (0, 0), 6 * u), 0.45)
        for size, spacing, spread in ((4.4 * u, 6.4 * u, 22), (3.4 * u, 5.6 * u, 30), (2.3 * u, 5.4 * u, 26)):
            points = seeds(h, w, max(spacing, 2.4), rng)
            x, y = points[:, 0].astype(int), points[:, 1].astype(int)
            shade = np.clip(model[y, x] + _pure(len(points), spread, rng), 0, 255).astype(int).tolist()
            radius = (np.maximum(1.0, size * rng.uniform(0.75, 1.2, len(points))) * 8).astype(int).tolist()
            centres = (points * 8).astype(int).tolist()
            for centre, r, colour in zip(centres, radius, shade):
                cv2.circle(canvas, centre, r, colour, -1, cv2.LINE_AA, 3)
        return canvas

    return at_most(picture, 1300, dots, rng)


def _pure(count: int, spread: float, rng: np.random.Generator) -> Colours:
    """(count, 3) shifts of colour that leave the lightness nearly as it is."""
    shift = rng.normal(0, spread, (count, 3))
    return np.asarray(shift - (shift @ LUMA)[:, None] * 0.85, np.float32)


def low_poly(picture: Array, rng: np.random.Generator) -> Array:
    """Triangles between points that gather on edges (Delaunay), each one flat colour."""
    h, w = picture.shape[:2]
    small = shrink(picture, 640)
    sh, sw = small.shape[:2]
    y = cv2.GaussianBlur(grey(small), (0, 0), 1.4).astype(np.float32)
    edge = cv2.magnitude(cv2.Sobel(y, cv2.CV_32F, 1, 0), cv2.Sobel(y, cv2.CV_32F, 0, 1))
    chance = np.minimum(edge, 160).astype(np.float64) + 1.5
    wanted = min(1900, sh * sw // 60)
    picked = rng.choice(sh * sw, wanted, replace=False, p=(chance / chance.sum()).ravel())
    points = np.stack([picked % sw, picked // sw], 1).astype(np.float32)
    loose = seeds(sh, sw, max(sh, sw) / 22, rng)
    rim = [(x, e) for x in np.linspace(0, sw - 1, 14) for e in (0, sh - 1)]
    rim += [(e, v) for v in np.linspace(0, sh - 1, 14) for e in (0, sw - 1)]
    points = np.unique(np.vstack([points, loose, np.array(rim, np.float32)]).round(), axis=0)
    mesh = cv2.Subdiv2D((0, 0, sw, sh))
    mesh.insert(points.tolist())
    corners = np.asarray(mesh.getTriangleList(), np.float32).reshape(-1, 3, 2)
    inside = ((corners >= 0) & (corners <= np.array([sw, sh]))).all((1, 2))
    corners = corners[inside]
    labels = np.zeros((sh, sw), np.int32)
    for k, triangle in enumerate(np.rint(corners).astype(np.int32)):
        cv2.fillConvexPoly(labels, triangle, k + 1)
    base = map_colours(small, lambda c: contrast(vibrance(saturate(c, 1.15), 0.4), 0.2))
    colours = mean_of(base, labels)
    tilt = rng.normal(0, 5, (len(colours), 1))
    shades = np.clip(colours + tilt, 0, 255).astype(int)
    out = resized(base, h, w).copy()
    scale = np.array([(w - 1) / max(sw - 1, 1), (h - 1) / max(sh - 1, 1)])
    for k, triangle in enumerate(np.rint(corners * scale * 16).astype(np.int32)):
        if k + 1 < len(shades):
            cv2.fillConvexPoly(out, triangle, shades[k + 1].tolist(), cv2.LINE_AA, 4)
            cv2.polylines(out, [triangle], True, shades[k + 1].tolist(), 1, cv2.LINE_AA, 4)
    return out


def cross_stitch(picture: Array, rng: np.random.Generator) -> Array:
    """Crosses of thread in 30 colours on woven cloth."""
    h, w = picture.shape[:2]
    cell = max(5, round(min(h, w) / 84))
    gh, gw = -(-h // cell), -(-w // cell)
    small = resized(shrink(picture, 900), gh, gw)
    small = map_colours(small, lambda c: vibrance(saturate(c, 1.25), 0.4))
    palette = palette_of(small, 30, rng)
    threads = lab_to_rgb(palette)[to_palette(small, palette)]
    threads = np.clip(threads + rng.normal(0, 5, (gh, gw, 1)), 0, 255).astype(np.uint8)
    colour = cv2.resize(threads, (gw * cell, gh * cell), interpolation=cv2.INTER_NEAREST)[:h, :w]
    tile, cover = _stitch(cell)
    light = np.tile(tile, (gh, gw))[:h, :w]
    covered = np.tile(cover, (gh, gw))[:h, :w]
    cloth = multiply_layer(np.full_like(picture, (232, 224, 208)), np.tile(_weave(cell), (gh, gw))[:h, :w])
    return mix(cloth, multiply_layer(colour, light * (0.94 + 0.12 * value_noise(h, w, cell * 2, rng))), covered)


def _stitch(cell: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Light and coverage of one cross, cell x cell: the second thread lies on the first."""
    big = 8
    y, x = (np.mgrid[0 : cell * big, 0 : cell * big].astype(np.float32) + 0.5) / (cell * big)
    light, cover = np.full(y.shape, 0.45, np.float32), np.zeros(y.shape, np.float32)
    for across, along in ((x - y, x + y), (x + y - 1, x - y + 1)):
        half = 0.36
        inside = (np.abs(across) < half) & (np.abs(along - 1) < 0.93)
        roundness = np.sqrt(np.clip(1 - (across / half) ** 2, 0, 1))
        twist = 0.10 * np.sin((across * 3 + along) * 20)
        light = np.where(inside, 0.66 + 0.44 * roundness + twist, light)
        cover = np.where(inside, 1.0, cover)
    size = (cell, cell)
    return (
        np.asarray(cv2.resize(light.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32),
        np.asarray(cv2.resize(cover.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32),
    )


def _weave(cell: int) -> NDArray[np.float32]:
    """Shade of the cloth under one stitch."""
    t = np.arange(cell, dtype=np.float32) / cell
    wave = 0.94 + 0.06 * np.sin(2 * np.pi * t * 2)
    return (wave[:, None] * wave[None]).astype(np.float32)
