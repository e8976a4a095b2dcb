"""Parts of a person: of the face by the points of its mesh, of the limbs by the points of the body."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from pixwright.ground.colour import bare_skin
from pixwright.ground.geometry import Floats, covered, ellipse, odd, parts_of, softened, square
from pixwright.ground.instance import Instance
from pixwright.ground.people import CHIN, FACE_SIDES, SHOULDERS, VISIBLE, head_box
from pixwright.ground.persons import Face, Person, enclosed, hull, mesh
from pixwright.ground.persons.bodies import masks_of, rough
from pixwright.ground.persons.meeting import FINE, FINE_BITS
from pixwright.ground.persons.parted import SKIN as BARE_SKIN
from pixwright.ground.persons.parted import part_of
from pixwright.ground.persons.wearing import drawn, rather
from pixwright.ground.scene import Scene

ON_OWNER = 0.4
"""Share of a person on an owner's outline from which that person is one of the owners."""
BY_MESH, BY_HEAD, BY_OUTLINE = 0.95, 0.9, 0.9
"""Scores of a part that the face's mesh gives, of a head, and of a body, which is the whole outline."""
LIMB, SKIN, EAR, TURNED = 0.7, 0.7, 0.8, 0.6
"""The same of parts that are told by what is around them; `TURNED`: of a face in profile."""
EAR_ODDS, HAND_ODDS = -0.5, 0.0
"""Log-odds from which a pixel is skin: where skin was asked for, of an ear, and of a hand."""
CHAINS: dict[str, tuple[tuple[int, ...], ...]] = {
    "hand": ((15, 17, 19), (16, 18, 20)), "arm": ((11, 13, 15, 19), (12, 14, 16, 20)), "leg": ((23, 25, 27, 31), (24, 26, 28, 32)), "foot": ((27, 29, 31), (28, 30, 32)),
}  # fmt: skip
"""BlazePose's points along each limb, the person's left and right."""
THICK = {"hand": 0.22, "arm": 0.22, "leg": 0.3, "foot": 0.2}
"""Half the width of a limb in shoulder widths."""
LEAST_SHOULDERS = 0.12
"""Width of the shoulders in heights of the person, at least: in profile they look narrower."""
BARE = 0.3
"""Share of a limb's line that must lie on the person, and of an ear that must look like skin."""
PALM, REACH, NECK = (0.06, 0.8), 0.8, 0.3
"""Of the face's area: what a bare hand has at least, and more than which is an arm; in heights of the face: how far from its end that is a hand; and how near to the
face, in heights of the head, what is bare is the neck."""
SWOLLEN = 1.25
"""An eye with its lids is larger than the mesh's own."""
NOSE_TIP, FOREHEAD = 1, 10
"""Points of the face's mesh."""
HIDDEN = 0.32
"""Share of a face's width between nose and edge below which the ear on that side cannot be seen."""
EDGE_ON, OPENING = 0.06, 0.18
"""Half an ear's width in widths of the face: at HIDDEN, and how fast it grows beyond."""
EAR_OUT, EAR_DOWN, EAR_TALL = 0.7, 0.07, 0.17
"""An ear's middle: outward from the edge in half its widths, and downward in heights of the face; and half its height in those."""
LID_FADES, LASH_THICK, CHEEK_FADES = 0.06, 0.07, 0.3
"""How soft a lid's and a cheek's rim is, and how thick a line of lashes, in widths of that part."""
FLAT = 1e-3
"""Pixels: least divisor of a face's width."""


def parts_of_person(scene: Scene, name: str, person: Person, whole: Floats) -> list[Instance] | None:
    """A person's parts; None where no network of people tells."""
    everyone = [p for p in scene.people if covered(rough(scene, p), whole) > ON_OWNER] or [person]
    faces = [p.face for p in everyone if p.face is not None]
    if name in _ON_FACES and faces:
        return [i for face in faces for i in _of_face(scene, name, face)]
    if name == "face":
        # A face in profile is no face to the network, but a head in front of a body is one to people.
        seen = [
            Instance(hull(p.face.points[mesh()["face"]], scene.shape), BY_MESH * p.face.score)
            for p in everyone
            if p.face
        ]
        turned = [p for p in everyone if p.face is None and p.points is not None]
        heads = [_head(scene, p, body) for p, body in zip(turned, masks_of(scene, turned), strict=True)]
        return seen + [Instance(head, TURNED) for head in heads if (head > 0.5).any()]
    if name in CHAINS:
        limbs = [
            i for p in everyone for i in _limbs(scene, name, p) or (_bare_hands(scene, p) if name == "hand" else [])
        ]
        return limbs or None
    if name == "head":
        bodies = masks_of(scene, everyone)
        return [Instance(_head(scene, p, body), BY_HEAD) for p, body in zip(everyone, bodies, strict=True)]
    if name == "hair":
        worn = [(p, one) for p in everyone for one in rather(scene, [p], "hair")]
        return [Instance(drawn(scene, p, "hair", one.box), one.sure) for p, one in worn]
    if name == "skin":
        return [Instance(part_of(scene, p, BARE_SKIN), SKIN) for p in everyone]
    if name == "body":
        return [Instance(whole, BY_OUTLINE)]
    return None


def _of_face(scene: Scene, name: str, face: Face) -> list[Instance]:
    if name == "ear":
        return _ears(scene, face)
    if name == "lips":  # without the teeth that an open mouth shows
        mouth, opening = (enclosed(face.points[mesh()[key]], scene.shape) for key in ("mouth", "opening"))
        return [Instance(np.asarray(mouth * (1 - opening), np.float32), BY_MESH * face.score)]
    keys = [f"left {name}", f"right {name}"] if name in _TWO else [name]
    out = []
    for key in keys:
        points = face.points[mesh()[key]]
        if name in _SOFT:
            out.append(Instance(_SOFT[name](points, scene.shape), BY_MESH * face.score, fades=True))
            continue
        if name == "eye":
            points = points.mean(0) + SWOLLEN * (points - points.mean(0))
        out.append(Instance(hull(points, scene.shape), BY_MESH * face.score))
    return out


def _lid(points: Floats, shape: tuple[int, int]) -> Floats:
    """(h, w): an upper lid, from the lashes to the crease, fading out upwards."""
    return _blurred(enclosed(points, shape), points, LID_FADES)


def _lash(points: Floats, shape: tuple[int, int]) -> Floats:
    """(h, w): the line of the lashes, as thick as make-up draws it."""
    out = np.zeros(shape, np.uint8)
    thick = max(2, round(LASH_THICK * float(np.ptp(points[:, 0]))))
    cv2.polylines(out, [np.round(points * FINE).astype(np.int32)], False, (255.0,), thick, cv2.LINE_AA, FINE_BITS)
    return np.asarray(out / 255, np.float32)


def _cheek(points: Floats, shape: tuple[int, int]) -> Floats:
    """(h, w): a cheek, which has no outline: strongest in its middle."""
    return _blurred(hull(points, shape), points, CHEEK_FADES)


def _blurred(mask: Floats, points: Floats, share: float) -> Floats:
    """The mask with a rim that is so much of the part's width."""
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), max(share * float(np.ptp(points[:, 0])), FLAT)), np.float32)


_SOFT: dict[str, Callable[[Floats, tuple[int, int]], Floats]] = {"lid": _lid, "lash": _lash, "cheek": _cheek}
"""Parts of a face that fade into it -> (points, shape of the picture) -> (h, w) in [0, 1]."""
_TWO = ("eye", "brow", *_SOFT)
"""Parts of which a face has one on either side."""
_ON_FACES = (*_TWO, "mouth", "lips", "nose", "ear")


def _ears(scene: Scene, face: Face) -> list[Instance]:
    """Beside the cheeks between brow and mouth, on the sides that are turned to the viewer and are bare."""
    points = face.points
    left, right = FACE_SIDES
    wide = float(np.hypot(*(points[right] - points[left]))) + FLAT
    down = points[CHIN] - points[FOREHEAD]
    along = (points[right] - points[left]) / wide
    bare = bare_skin(scene.lab, EAR_ODDS)
    out = []
    for edge, away in ((left, -1.0), (right, 1.0)):
        turned = abs(float(points[edge, 0] - points[NOSE_TIP, 0])) / wide
        if turned < HIDDEN:
            continue
        half = wide * (EDGE_ON + OPENING * (turned - HIDDEN))
        x, y = points[edge] + away * along * half * EAR_OUT + EAR_DOWN * down
        halves = max(1, round(half)), max(1, round(EAR_TALL * float(np.hypot(*down))))
        tilt = float(np.degrees(np.arctan2(along[1], along[0])))
        spot = ellipse(scene.shape, (round(float(x)), round(float(y))), halves, tilt)
        if (spot > 0.5).any() and float(bare[spot > 0.5].mean()) > BARE:
            out.append(Instance(spot, EAR * face.score))
    return out


def _limbs(scene: Scene, name: str, person: Person) -> list[Instance]:
    """Each limb whose points can be seen: what of the person's outline lies along them."""
    points = person.points
    if points is None:
        return []
    body = masks_of(scene, [person])[0]
    wide = float(np.hypot(*(points[SHOULDERS[0], :2] - points[SHOULDERS[1], :2])))
    wide = max(wide, LEAST_SHOULDERS * (person.box[3] - person.box[1]) * scene.shape[0])
    out = []
    for chain in CHAINS[name]:
        if points[list(chain), 2].min() < VISIBLE:
            continue
        drawn = np.zeros(scene.shape, np.float32)
        line = np.round(points[list(chain), :2]).astype(np.int32)
        cv2.polylines(drawn, [line], False, 1.0, max(2, round(2 * THICK[name] * wide)), cv2.LINE_AA)
        part = np.minimum(drawn, body)
        if name == "hand":
            part = part * bare_skin(scene.lab, HAND_ODDS)
        if float((part > 0.5).sum()) > BARE * float((drawn > 0.5).sum()):
            out.append(Instance(np.asarray(part, np.float32), LIMB))
    return out


def _bare_hands(scene: Scene, person: Person) -> list[Instance]:
    """What of somebody's outline is bare apart from the head: hands of crossed arms, whose wrists the network of bodies does not see. Of a bare arm its far end."""
    if person.face is None:
        return []
    body, face = masks_of(scene, [person])[0], hull(person.face.points[mesh()["face"]], scene.shape)
    x0, y0, x1, y1 = head_box(scene, person)
    bare = (bare_skin(scene.lab, HAND_ODDS) & (body > 0.5)).astype(np.uint8)
    bare[y0:y1, x0:x1] = 0
    bare = cv2.morphologyEx(bare, cv2.MORPH_OPEN, square())
    near = cv2.dilate((face > 0.5).astype(np.uint8), square(odd(NECK * (y1 - y0)))) > 0
    middle, tall = person.face.points.mean(0), float(np.ptp(person.face.points[:, 1]))
    out = []
    for part in parts_of(bare.astype(np.float32), PALM[0] * float(face.sum())):
        if near[part > 0.5].any():
            continue
        if float(part.sum()) > PALM[1] * float(face.sum()):
            ys, xs = np.indices(scene.shape, np.float32)
            away = np.hypot(xs - middle[0], ys - middle[1]) * (part > 0.5)
            y, x = np.unravel_index(int(away.argmax()), away.shape)
            part = part * (np.hypot(xs - x, ys - y) < tall * REACH)
        out.append(Instance(np.asarray(np.minimum(softened(part > 0.5), body), np.float32), LIMB))
    return out


def _head(scene: Scene, person: Person, body: Floats) -> Floats:
    x0, y0, x1, y1 = head_box(scene, person)
    out = np.zeros(scene.shape, np.float32)
    out[y0:y1, x0:x1] = body[y0:y1, x0:x1]
    return out
