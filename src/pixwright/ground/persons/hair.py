"""Hair: what about a face has the colour of the crown, and what falls from there."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.ground.colour import bare_skin
from pixwright.ground.geometry import TINY, Floats, logistic, parts_of, softened, square
from pixwright.ground.persons import Person, hull, mesh
from pixwright.ground.scene import Scene
from pixwright.ground.superpixels import settle

CROWN_WIDE, CROWN_HIGH, CROWN_LOW = 0.45, 0.3, 0.0
"""The crown of a head about a face: its half width in widths of the face, and from where above the mesh's highest point to where, in heights of the face."""
CLOTHES_LOW, CLOTHES_WIDE = 1.3, 0.6
"""Below so many heights of the face, and so near to its middle, are the neck and clothes."""
HAIR_WIDE, HAIR_HIGH, HAIR_LONG = 1.1, 0.75, 2.0
"""How far hair reaches to each side of the face's middle, in its widths, above its highest point and below it, in its heights."""
HAIR_CROWN, HAIR_FALLS = 0.7, 0.7
"""How likely the crown is hair, and the log-odds that a height of the face further down takes off."""
NEVER = 1e-3
"""A share of colour that is next to none: it keeps the logarithm finite."""
STRAND = 8
"""Pixels of a strand of hair at least."""
LONG, LONG_WIDE = 3.5, 1.6
"""How far long hair falls below the highest point of the face, in its heights, and lies from its middle, in its widths."""
INSIDE, SMOOTH, TEXTURE = 0.6, 4.0, 8.0
"""Share of a piece that lies on the person; deviation of CIE L below which what has skin's colour is skin; and what a factor e of that deviation counts against CIE Lab."""
CLOSE_STEP, LIKE_HAIR, STEPS = 18.0, 0.5, 40
"""Difference of two neighbours up to which hair goes on; how much likelier than what is behind the hair's colours must be for it; and most steps."""
THROAT = 0.28
"""So near to the face's middle, in its widths, and under the chin is the throat, over which hair hardly ever falls."""
ALL_HAIR = 0.75
"""Share of the chest from which what was taken for hair is rather cloth."""
SKIN = 0.3
"""Log-odds from which a pixel is skin."""


def hair_of(scene: Scene, person: Person, body: Floats) -> Floats:
    """What of a person about the face has the colour of the crown rather than that of the face, of the clothes and of what is behind."""
    assert person.face is not None, "hair is found about a face"
    face = hull(person.face.points[mesh()["face"]], scene.shape) > 0.5
    (x0, y0), (x1, y1) = person.face.points.min(0), person.face.points.max(0)
    w, h = float(x1 - x0), float(y1 - y0)
    ys, xs = np.indices(scene.shape, np.float32)
    across, down = np.abs(xs - (x0 + x1) / 2) / w, (ys - y0) / h
    on = body > 0.5
    about = on & ~cv2.erode(face.astype(np.uint8), square()).astype(bool)
    crown = about & ~face & (across < CROWN_WIDE) & (down > -CROWN_HIGH) & (down < CROWN_LOW)
    low = on & (down > CLOTHES_LOW) & (across < CLOTHES_WIDE)
    behind = ~on & (across < HAIR_WIDE) & (down > -HAIR_HIGH) & (down < HAIR_LONG)
    pieces = scene.pieces
    weights = [pieces.area * pieces.mean(part.astype(np.float32)) for part in (crown, face, low, behind)]
    if weights[0].sum() == 0:
        return np.zeros(scene.shape, np.float32)
    likes = [np.log(pieces.alike @ (each / max(float(each.sum()), TINY)) + NEVER) for each in weights]
    odds = likes[0] - np.max(likes[1:], axis=0)
    reach = about & (across < HAIR_WIDE) & (down > -HAIR_HIGH) & (down < HAIR_LONG)
    likely = pieces.paint(
        np.asarray(logistic(odds - HAIR_FALLS * np.maximum(pieces.mean(down) - CROWN_LOW, 0)), np.float32)
    )
    likely = np.where(crown, np.maximum(likely, HAIR_CROWN), likely) * reach
    belief = settle(pieces, pieces.mean(np.asarray(likely, np.float32)))
    hair = softened(pieces.paint(belief)) * reach
    hair = np.maximum(hair, _falling(scene, np.asarray(hair, np.float32), on & ~face, behind, face, across, down))
    locks = [part for part in parts_of(np.asarray(hair, np.float32), STRAND) if (crown & (part > 0.5)).any()]
    return np.asarray(np.max(locks, axis=0), np.float32) if locks else np.zeros(scene.shape, np.float32)


def _falling(
    scene: Scene, hair: Floats, on: NDArray[np.bool_], behind: NDArray[np.bool_], face: NDArray[np.bool_], across: Floats, down: Floats
) -> Floats:  # fmt: skip
    """(h, w) in [0, 1]: what goes on from the hair about a face into the same person's long hair, piece by piece, over borders that hardly show.

    `on`: the person without the face. Hair changes its tone on the way down, so that a piece is compared with its neighbour as well as with what was found; what is
    smooth is skin or cloth. Nothing is added where all of the chest would be hair: then it cannot be told from dark clothes.
    """
    pieces = scene.pieces
    share = pieces.mean(hair)
    inside = pieces.mean(on.astype(np.float32)) > INSIDE
    seeds = (share > 0.5) & inside
    if not seeds.any():
        return hair
    seen = np.column_stack([pieces.colour, TEXTURE * np.log1p(pieces.spread)])
    near = (pieces.mean(across) < LONG_WIDE) & (pieces.mean(down) < LONG) & (pieces.mean(down) > -HAIR_HIGH)
    bare = pieces.mean(bare_skin(scene.lab, SKIN).astype(np.float32))
    skin = (bare > 0.5) & (pieces.spread < SMOOTH)
    others = [pieces.area * pieces.mean(part.astype(np.float32)) for part in (behind, face)]
    back = np.max([pieces.alike @ (part / max(float(part.sum()), TINY)) for part in others], axis=0)
    front = (pieces.mean(across) < THROAT) & (pieces.mean(down) > 1) & (pieces.mean(down) < CLOTHES_LOW + THROAT)
    open_to = inside & near & ~skin & ~front & ~seeds
    taken = seeds.copy()
    one, other = pieces.pairs.T
    one, other = np.concatenate([one, other]), np.concatenate([other, one])
    for _ in range(STEPS):
        weight = pieces.area * taken
        hairy = pieces.alike @ (weight / weight.sum())
        step = np.linalg.norm(seen[one] - seen[other], axis=1)
        passes = (
            taken[one]
            & open_to[other]
            & ~taken[other]
            & (step < CLOSE_STEP)
            & (hairy[other] > LIKE_HAIR * np.maximum(back[other], NEVER))
        )
        if not passes.any():
            break
        taken[other[passes]] = True
    grown = softened(pieces.paint(taken.astype(np.float32))) * on
    chest = on & (down > CLOTHES_LOW) & (across < CLOTHES_WIDE) & (down < LONG)
    full = chest.any() and float((grown > 0.5)[chest].mean()) > ALL_HAIR
    return hair if full else np.asarray(grown, np.float32)
