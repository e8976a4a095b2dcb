"""Solid models -> pictures of one thing with alpha: path traced in soft daylight from the upper left, by a long lens.

Reads Wavefront OBJ with its materials (Sweet Home 3D) and the compiled meshes of 0 A.D. (`.pmd`). The tracing is mitsuba's (BSD licence); the
recipe alone needs it. The same model and view give the same picture.
"""

from __future__ import annotations

import struct
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mitsuba as mi
import numpy as np
from numpy.typing import NDArray
from PIL import Image

mi.set_variant("scalar_rgb")

SIDE, SAMPLES, BOUNCES = 256, 32, 6
"""Pixels of a side, paths a pixel, and their length."""
LENS, MARGIN = 18.0, 0.97
"""Field of view in degrees (a long lens draws things as they are), and the share of the side that the thing fills."""
EXPOSURE, KNEE = 0.98, 0.8
"""Brightness of the light, and the linear value from which highlights are rolled off."""
KEY = -0.9
"""Where the light comes from: azimuth in radians; negative is the viewer's left."""
_SHINE, _GLASS = 0.05, 0.98
"""Specular strength from which a surface shines, and opacity under which it is seen through."""

Floats = NDArray[np.float32]
Material = dict[str, Any]


@dataclass
class Model:
    """A solid: `points` Nx3 (y is up), `uv` Nx2, `normals` Nx3; `faces` maps a material's name to Fx3x3 indices (corner: point, uv, normal)."""

    points: Floats
    uv: Floats
    normals: Floats
    faces: dict[str, NDArray[np.int64]]
    materials: dict[str, Material] = field(default_factory=dict)
    folder: Path = Path()


def read_obj(path: Path) -> Model:
    """A Wavefront file and its materials; polygons become fans of triangles."""
    points: list[list[float]] = []
    uv: list[list[float]] = []
    normals: list[list[float]] = []
    faces: dict[str, list[tuple[Any, Any, Any]]] = {}
    materials: dict[str, Material] = {}
    name = "default"
    for line in path.read_text(encoding="latin1").splitlines():
        words = line.split()
        match words[:1]:
            case ["v"]:
                points.append([float(x) for x in words[1:4]])
            case ["vt"]:
                uv.append([float(x) for x in words[1:3]])
            case ["vn"]:
                normals.append([float(x) for x in words[1:4]])
            case ["mtllib"]:
                materials |= read_materials(path.parent / " ".join(words[1:]))
            case ["usemtl"]:
                name = " ".join(words[1:])
            case ["f"]:
                sizes = len(points), len(uv), len(normals)
                fan = [_corner(word, sizes) for word in words[1:]]
                faces.setdefault(name, []).extend((fan[0], fan[i], fan[i + 1]) for i in range(1, len(fan) - 1))
    return Model(
        np.array(points, np.float32),
        np.array(uv, np.float32).reshape(-1, 2),
        np.array(normals, np.float32).reshape(-1, 3),
        {key: np.array(value) for key, value in faces.items()},
        materials,
        path.parent,
    )


def _corner(word: str, sizes: tuple[int, int, int]) -> tuple[int, ...]:
    """Indices from 0 of a corner `point/uv/normal`, -1 where there is none; in the file they count from 1, or back from the end."""
    parts = [*word.split("/"), "", ""][:3]
    return tuple((int(p) - 1 if int(p) > 0 else size + int(p)) if p else -1 for p, size in zip(parts, sizes))


def read_materials(path: Path) -> dict[str, Material]:
    """A `.mtl` file: name -> colours, shininess, opacity and texture."""
    found: dict[str, Material] = {}
    current: Material = {}
    for line in path.read_text(encoding="latin1").splitlines() if path.exists() else ():
        words = line.split()
        match words[:1]:
            case ["newmtl"]:
                current = found.setdefault(" ".join(words[1:]), {})
            case ["Kd" | "Ks"]:
                current[words[0]] = [float(x) for x in words[1:4]]
            case ["Ns" | "d" | "Tr"]:
                current[words[0]] = float(words[1])
            case ["map_Kd"]:
                current["map"] = " ".join(words[1:])
    return found


def read_pmd(path: Path, texture: Path) -> Model:
    """A compiled mesh of 0 A.D. (versions 3 and 4) in the pose it was built in, with its texture; the texture's alpha is another's colour, not opacity."""
    content = path.read_bytes()
    (version,) = struct.unpack_from("<I", content, 4)
    (count,) = struct.unpack_from("<I", content, 12)
    maps, start = (struct.unpack_from("<I", content, 16)[0], 20) if version >= 4 else (1, 16)
    vertex = np.dtype(
        [("p", "<f4", 3), ("n", "<f4", 3), ("t", "<f4", (maps, 2)), ("bones", "u1", 4), ("weights", "<f4", 4)]
    )
    rows = np.frombuffer(content, vertex, count, start)
    (faces,) = struct.unpack_from("<I", content, start + rows.nbytes)
    corners = np.frombuffer(content, "<u2", 3 * faces, start + rows.nbytes + 4).reshape(-1, 3).astype(np.int64)
    skin = {"map": str(texture), "opaque": True}
    return Model(
        rows["p"].copy(), rows["t"][:, 0].copy(), rows["n"].copy(), {"": np.repeat(corners[..., None], 3, axis=2)}, {"": skin}
    )  # fmt: skip


def sized(model: Model, metres: tuple[float, float, float] | None, parts: tuple[str, ...] = ()) -> Model:
    """The model standing on the ground at its real (width, height, depth) in metres; of all its materials, only `parts` where any are named."""
    used = np.unique(np.concatenate([faces[..., 0].ravel() for faces in model.faces.values()]))
    low, high = model.points[used].min(axis=0), model.points[used].max(axis=0)
    scale = np.array(metres, np.float32) / np.maximum(high - low, 1e-6) if metres else np.ones(3, np.float32)
    faces = {name: value for name, value in model.faces.items() if not parts or name in parts}
    used = np.unique(np.concatenate([value[..., 0].ravel() for value in faces.values()]))
    points = model.points * scale
    low, high = points[used].min(axis=0), points[used].max(axis=0)
    points -= [(low[0] + high[0]) / 2, low[1], (low[2] + high[2]) / 2]
    return Model(points.astype(np.float32), model.uv, model.normals / scale, faces, model.materials, model.folder)


def turned(model: Model, degrees: float) -> Model:
    """The model turned about the vertical."""
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]], np.float32)
    return Model(
        model.points @ turn.T, model.uv, model.normals @ turn.T, model.faces, model.materials, model.folder
    )  # fmt: skip


def picture(model: Model, elevation: float) -> Image.Image:
    """The model from the front and `elevation` degrees above, SIDE x SIDE RGBA."""
    with tempfile.TemporaryDirectory() as work:
        scene: dict[str, Any] = {
            "type": "scene",
            "integrator": {"type": "path", "max_depth": BOUNCES, "hide_emitters": True},
            "light": {"type": "envmap", "bitmap": daylight(), "scale": EXPOSURE},
        }
        for number, (name, faces) in enumerate(model.faces.items()):
            mesh = Path(work) / f"{number}.ply"
            write_ply(mesh, model, faces)
            bsdf = surface(model.materials.get(name, {}), model.folder)
            scene[f"part{number}"] = {"type": "ply", "filename": str(mesh), "surface": bsdf}
        scene["camera"] = camera(model, elevation)
        seen = np.array(mi.render(mi.load_dict(scene), spp=SAMPLES))
    alpha = np.clip(seen[..., 3:], 0, 1)
    light = np.clip(np.where(alpha > 1e-3, seen[..., :3] / np.maximum(alpha, 1e-3), 0), 0, None)
    light = np.where(light > KNEE, KNEE + (1 - KNEE) * (1 - np.exp(-(light - KNEE) / (1 - KNEE))), light)
    srgb = np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)
    return Image.fromarray((np.clip(np.concatenate([srgb, alpha], axis=2), 0, 1) * 255 + 0.5).astype(np.uint8))


def camera(model: Model, elevation: float) -> dict[str, Any]:
    """A camera whose picture the model just fills."""
    points = model.points[np.unique(np.concatenate([faces[..., 0].ravel() for faces in model.faces.values()]))]
    angle, half = np.radians(elevation), np.tan(np.radians(LENS / 2))
    forward = -np.array([0, np.sin(angle), np.cos(angle)])
    right = np.array([1.0, 0, 0])
    up = np.cross(right, forward)
    centre = np.array([0, points[:, 1].max() / 2, 0])
    distance = float(np.linalg.norm(np.ptp(points, axis=0))) / 2 / half * 1.25
    for _ in range(4):  # the nearer parts are drawn larger, so that where the middle is depends on the distance
        rays = points - (centre - forward * distance)
        depth = rays @ forward
        x, y = rays @ right / depth, rays @ up / depth
        centre = centre + right * (x.max() + x.min()) / 2 * distance + up * (y.max() + y.min()) / 2 * distance
        distance *= max(np.ptp(x), np.ptp(y)) / (2 * half * MARGIN)
    place = centre - forward * distance
    view = mi.ScalarTransform4f().look_at(origin=place.tolist(), target=centre.tolist(), up=[0, 1, 0])
    film = {
        "type": "hdrfilm", "width": SIDE, "height": SIDE, "pixel_format": "rgba", "rfilter": {"type": "gaussian"}
    }  # fmt: skip
    sampler = {"type": "independent", "sample_count": SAMPLES}
    return {"type": "perspective", "fov": LENS, "to_world": view, "film": film, "sampler": sampler}


def write_ply(path: Path, model: Model, faces: NDArray[np.int64]) -> None:
    """One material's triangles as a binary PLY, with normals and places on the texture where the model has them."""
    corners, order = np.unique(faces.reshape(-1, 3), axis=0, return_inverse=True)
    smooth = len(model.normals) > 0 and bool((corners[:, 2] >= 0).all())
    columns, names = [model.points[corners[:, 0]]], ["x", "y", "z"]
    if smooth:
        normals = model.normals[corners[:, 2]]
        columns.append(normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-6))
        names += ["nx", "ny", "nz"]
    if len(model.uv) and (corners[:, 1] >= 0).all():
        columns.append(model.uv[corners[:, 1]] * [1, -1] + [0, 1])
        names += ["u", "v"]
    table = np.ascontiguousarray(np.concatenate(columns, axis=1), "<f4")
    triangles = np.empty(len(faces), [("count", "u1"), ("corners", "<i4", 3)])
    triangles["count"], triangles["corners"] = 3, order.reshape(-1, 3)
    header = ["ply", "format binary_little_endian 1.0", f"element vertex {len(table)}"]
    header += [f"property float {name}" for name in names]
    header += [f"element face {len(faces)}", "property list uchar int vertex_indices", "end_header", ""]
    path.write_bytes("\n".join(header).encode() + table.tobytes() + triangles.tobytes())


def surface(material: Material, folder: Path) -> dict[str, Any]:
    """A material as mitsuba's principled surface: its colour or texture, as glossy as the file says; holes of a texture and glass are seen through."""
    colour: dict[str, Any] = {
        "type": "rgb", "value": [float(x) for x in linear(np.clip(material.get("Kd", [0.8] * 3), 0, 1)) * 0.92]
    }  # fmt: skip
    holes = None
    texture = folder / material.get("map", "none")
    if texture.is_file():
        image = Image.open(texture)
        pixels = np.asarray(image.convert("RGBA"), np.float32) / 255
        if not material.get("opaque") and pixels[..., 3].min() < 0.99:
            holes = bitmap(pixels[..., 3:])
        colour = bitmap(linear(pixels[..., :3]))
    shine = max(material.get("Ks", [0.0]))
    gloss = material.get("Ns", 10.0)
    shines = shine > _SHINE
    found: dict[str, Any] = {
        "type": "principled",
        "base_color": colour,
        "roughness": float(np.clip((2 / (gloss + 2)) ** 0.25, 0.12, 1)) if shines else 0.75,
        "specular": float(np.clip(0.25 + 0.5 * shine, 0.2, 0.8)) if shines else 0.25,
    }
    own = np.array(material.get("Kd", [0.8] * 3))
    if shine > 0.15 and gloss > 40 and not texture.is_file():  # paint
        found |= {"clearcoat": 1.0, "clearcoat_gloss": 0.95}
    if shine > 0.6 and own.max() < 0.6 and np.ptp(own) < 0.08 and not texture.is_file():  # metal
        found["metallic"] = 0.6
    opacity = material.get("d", 1 - material.get("Tr", 0.0))
    if opacity < _GLASS:
        found = {"type": "principled", "base_color": colour, "roughness": 0.05, "specular": 0.9}
        return {"type": "mask", "opacity": float(max(opacity, 0.12)), "inside": {"type": "twosided", "inside": found}}
    found = {"type": "twosided", "inside": found}
    return {"type": "mask", "opacity": holes, "inside": found} if holes else found


def bitmap(pixels: Floats) -> dict[str, Any]:
    """Linear values HxWxC as a texture that repeats."""
    image = mi.Bitmap(np.ascontiguousarray(pixels, np.float32))
    return {"type": "bitmap", "bitmap": image, "raw": True, "wrap_mode": "repeat"}


def linear(srgb: Any) -> Any:
    """sRGB 0..1 -> linear light."""
    values = np.asarray(srgb, np.float64)
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def daylight() -> Any:
    """The sky: bright above, dim below, a large soft light from the upper left and a weak one from behind."""
    rows, columns = 128, 256
    up, round_ = np.meshgrid(
        (0.5 - (np.arange(rows) + 0.5) / rows) * np.pi, ((np.arange(columns) + 0.5) / columns - 0.5) * 2 * np.pi, indexing="ij"
    )  # fmt: skip
    grey = 0.75 + 0.55 * np.clip(np.sin(up), 0, 1) - 0.42 * np.clip(-np.sin(up), 0, 1) ** 0.6
    sky = np.stack([grey * 0.985, grey, grey * 1.02], axis=-1)

    def lamp(azimuth: float, height: float, wide: float, tall: float, strength: float) -> Any:
        aside = np.abs((round_ - azimuth + np.pi) % (2 * np.pi) - np.pi)
        inside = (1 + np.exp((aside - wide) / 0.08)) * (1 + np.exp((np.abs(up - height) - tall) / 0.06))
        return strength / inside

    key, rim = lamp(KEY, 0.95, 0.42, 0.3, 5.5), lamp(KEY + np.pi, 0.7, 0.5, 0.2, 1.2)
    sky += np.stack([key * 1.04, key, key * 0.94], axis=-1) + rim[..., None]
    return mi.Bitmap(np.ascontiguousarray(sky, np.float32))
