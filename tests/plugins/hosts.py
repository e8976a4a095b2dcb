"""Stand-ins for what GIMP 3, Krita and ComfyUI give their plug-ins: only the calls that ours make, with what the hosts' documentation says that they do."""

from __future__ import annotations

import io
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
from PIL import Image


def module(name, **members):
    made = ModuleType(name)
    vars(made).update(members)
    return made


# GIMP 3: https://developer.gimp.org/api/3.0/


class Layer:
    """A drawable: HxWx4."""

    def __init__(self, image, width, height):
        self.image, self.pixels, self.name = image, np.zeros((height, width, 4), np.uint8), ""

    def fill(self, kind):
        assert kind == "white"
        self.pixels[:] = 255  # whatever is selected

    def invert(self, linear):
        assert linear is False
        inside = self.image.selection > 0
        self.pixels[inside, :3] = 255 - self.pixels[inside, :3]

    def set_name(self, name):
        self.name = name


class GimpImage:
    """Layers, the top one first, and a selection."""

    living = 0

    def __init__(self, pixels):
        height, width = pixels.shape[:2]
        self.layers = [Layer(self, width, height)]
        self.layers[0].pixels = pixels.copy()
        self.selection = np.zeros((height, width), np.uint8)
        self.groups = 0
        GimpImage.living += 1

    def get_width(self):
        return self.selection.shape[1]

    def get_height(self):
        return self.selection.shape[0]

    def duplicate(self):
        copy = GimpImage(self.seen())
        copy.selection = self.selection.copy()
        return copy

    def seen(self):
        """The layers of these tests cover what is below them."""
        return self.layers[0].pixels

    def insert_layer(self, layer, parent, position):
        assert parent is None and position == 0
        layer.image = self
        self.layers.insert(0, layer)

    def merge_visible_layers(self, how):
        assert how == "clip"
        self.layers = [self.layers[0]]

    flatten = lambda self: self.merge_visible_layers("clip")  # noqa: E731

    def undo_group_start(self):
        self.groups += 1

    def undo_group_end(self):
        self.groups -= 1

    def delete(self):
        GimpImage.living -= 1


def gimp():
    """`gi`, `gi.repository` and what was told: messages and new displays."""
    told, shown = [], []

    def file_save(mode, image, file, options):
        Image.fromarray(image.seen()).save(file.path)

    def file_load_layer(mode, image, file):
        pixels = np.asarray(Image.open(file.path).convert("RGBA"))
        layer = Layer(image, pixels.shape[1], pixels.shape[0])
        layer.pixels = pixels
        return layer

    class Selection:
        is_empty = staticmethod(lambda image: not image.selection.any())

        @staticmethod
        def invert(image):
            image.selection = 255 - image.selection

        @staticmethod
        def none(image):
            image.selection[:] = 0

    class ImageProcedure:
        def __init__(self, plugin, name, run):
            self.name, self.run, self.arguments, self.calls = name, run, {}, []

        @classmethod
        def new(cls, plugin, name, kind, run, data):
            assert kind == "plugin"
            return cls(plugin, name, run)

        def __getattr__(self, call):
            if not call.startswith(("set_", "add_")):
                raise AttributeError(call)

            def called(*words):
                self.calls.append((call, words))
                if call.endswith("_argument"):
                    self.arguments[words[0]] = words[-2]

            return called

        def new_return_values(self, status, error):
            return status, error

    Gimp = SimpleNamespace(
        PlugIn=type("PlugIn", (), {"__gtype__": None, "error_quark": staticmethod(lambda: 1)}),
        ImageProcedure=ImageProcedure,
        Selection=Selection,
        Layer=SimpleNamespace(new=lambda image, name, w, h, kind, opacity, mode: Layer(image, w, h)),
        Display=SimpleNamespace(new=shown.append),
        PDBProcType=SimpleNamespace(PLUGIN="plugin"),
        PDBStatusType=SimpleNamespace(SUCCESS="success", CANCEL="cancel", EXECUTION_ERROR="error"),
        ProcedureSensitivityMask=SimpleNamespace(DRAWABLE=1, NO_DRAWABLES=4),
        RunMode=SimpleNamespace(
            INTERACTIVE="interactive", NONINTERACTIVE="noninteractive", WITH_LAST_VALS="with-last-vals"
        ),
        ImageType=SimpleNamespace(RGB_IMAGE="rgb"),
        LayerMode=SimpleNamespace(NORMAL="normal"),
        MergeType=SimpleNamespace(CLIP_TO_IMAGE="clip"),
        FillType=SimpleNamespace(WHITE="white"),
        file_save=file_save,
        file_load=lambda mode, file: GimpImage(np.asarray(Image.open(file.path).convert("RGBA"))),
        file_load_layer=file_load_layer,
        displays_flush=lambda: None,
        message=told.append,
        progress_init=lambda text: None,
        progress_set_text=lambda text: None,
        progress_update=lambda share: None,
        progress_end=lambda: None,
    )
    repository = module(
        "gi.repository",
        Gimp=Gimp,
        GimpUi=SimpleNamespace(),
        Gio=SimpleNamespace(File=SimpleNamespace(new_for_path=lambda path: SimpleNamespace(path=path))),
        GLib=SimpleNamespace(Error=SimpleNamespace(new_literal=lambda quark, text, code: text)),
        GObject=SimpleNamespace(ParamFlags=SimpleNamespace(READWRITE=3)),
    )
    gi = module("gi", require_version=lambda name, version: None, repository=repository)
    return {"gi": gi, "gi.repository": repository}, told, shown


# Krita 5: https://api.kde.org/krita/html/classDocument.html, and the few classes of PyQt5 beside it


class Document:
    """One visible picture: HxWx4 RGBA; Krita's own order is BGRA."""

    def __init__(self, pixels, selection=None):
        self.pixels, self._selection, self.nodes = pixels, selection, []

    colorModel = lambda self: "RGBA"  # noqa: E731
    colorDepth = lambda self: "U8"  # noqa: E731
    colorProfile = lambda self: "sRGB-elle-V2-srgbtrc.icc"  # noqa: E731
    resolution = lambda self: 300  # noqa: E731

    def width(self):
        return self.pixels.shape[1]

    def height(self):
        return self.pixels.shape[0]

    def pixelData(self, x, y, w, h):
        return self.pixels[y : y + h, x : x + w][..., [2, 1, 0, 3]].tobytes()

    def selection(self):
        if self._selection is None:
            return None
        return SimpleNamespace(pixelData=lambda x, y, w, h: self._selection[y : y + h, x : x + w].tobytes())

    def createNode(self, name, kind):
        assert kind == "paintlayer"
        node = SimpleNamespace(name=name, pixels=None)

        def set_pixel_data(data, x, y, w, h):
            node.pixels = np.frombuffer(bytes(data), np.uint8).reshape(h, w, 4)[..., [2, 1, 0, 3]]

        node.setPixelData = set_pixel_data
        return node

    def rootNode(self):
        return SimpleNamespace(addChildNode=lambda node, above: self.nodes.append(node))

    def refreshProjection(self):
        pass


class QBuffer:
    OpenModeFlag = SimpleNamespace(WriteOnly=2)

    def open(self, mode):
        self.out = io.BytesIO()

    def data(self):
        return self.out.getvalue()


class QImage:
    Format = SimpleNamespace(Format_ARGB32=5)

    def __init__(self, data, width, height, stride, form):
        assert stride == 4 * width and form == 5
        self.bgra = np.frombuffer(data, np.uint8).reshape(height, width, 4)

    @classmethod
    def fromData(cls, data, form):
        rgba = np.asarray(Image.open(io.BytesIO(bytes(data))).convert("RGBA"))
        return cls(rgba[..., [2, 1, 0, 3]].tobytes(), rgba.shape[1], rgba.shape[0], 4 * rgba.shape[1], 5)

    def save(self, buffer, form):
        Image.fromarray(np.ascontiguousarray(self.bgra[..., [2, 1, 0, 3]])).save(buffer.out, form)

    def convertToFormat(self, form):
        return self

    def width(self):
        return self.bgra.shape[1]

    def height(self):
        return self.bgra.shape[0]

    def sizeInBytes(self):
        return self.bgra.size

    def constBits(self):
        held = self.bgra.tobytes()
        return type("voidptr", (), {"setsize": lambda self, n: None, "__bytes__": lambda self: held})()


def krita(document, words):
    """`krita` and PyQt5, with what was told and the documents that were made."""
    told, made = [], []

    def create(w, h, name, model, depth, profile, resolution):
        made.append(Document(np.zeros((h, w, 4), np.uint8)))
        return made[-1]

    app = SimpleNamespace(
        activeDocument=lambda: document,
        createDocument=create,
        activeWindow=lambda: SimpleNamespace(addView=lambda doc: None),
        addExtension=lambda extension: None,
    )
    dialog = type(
        "QProgressDialog",
        (),
        {"__init__": lambda self, *words: None, "wasCanceled": lambda self: False}
        | {name: lambda self, *words: None for name in ("show", "close", "setLabelText", "setValue")},
    )
    return (
        {
            "krita": module(
                "krita",
                Extension=type("Extension", (), {"__init__": lambda self, parent: None}),
                Krita=SimpleNamespace(instance=lambda: app),
            ),
            "PyQt6": None,  # as in Krita 5: it is not there
            "PyQt5": module("PyQt5"),
            "PyQt5.QtCore": module("PyQt5.QtCore", QBuffer=QBuffer, QByteArray=bytes),
            "PyQt5.QtGui": module("PyQt5.QtGui", QImage=QImage),
            "PyQt5.QtWidgets": module(
                "PyQt5.QtWidgets",
                QApplication=SimpleNamespace(processEvents=lambda: None),
                QInputDialog=SimpleNamespace(getText=lambda parent, title, label: (words, True)),
                QMessageBox=SimpleNamespace(information=lambda parent, title, text: told.append(text)),
                QProgressDialog=dialog,
            ),
        },
        told,
        made,
    )


# ComfyUI: https://docs.comfy.org/custom-nodes/v3_migration


def comfy():
    """`comfy_api.latest` as far as the node uses it."""

    def socket(kind):
        return SimpleNamespace(
            Input=lambda id, **options: SimpleNamespace(kind=kind, id=id, options=options),
            Output=lambda: SimpleNamespace(kind=kind),
        )

    names = ("Image", "Mask", "String", "Int")
    made = SimpleNamespace(
        ComfyNode=type("ComfyNode", (), {}),
        Schema=lambda **fields: SimpleNamespace(**fields),
        NodeOutput=lambda *values: SimpleNamespace(values=values),
        **{name: socket(name.upper()) for name in names},
    )
    latest = module("comfy_api.latest", ComfyExtension=type("ComfyExtension", (), {}), io=made)
    return {"comfy_api": module("comfy_api", latest=latest), "comfy_api.latest": latest}


def loaded(monkeypatch, hosts, path, name):
    """A plug-in's module, as its host loads it: with the host's modules, and with itself under its own name."""
    import importlib.util

    for one, made in hosts.items():
        monkeypatch.setitem(sys.modules, one, made)
    for one in [one for one in sys.modules if one == name or one.startswith(name + ".") or one == "pixwright_client"]:
        monkeypatch.delitem(sys.modules, one)
    package = [str(path.parent)] if path.name == "__init__.py" else None
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=package)
    made = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, made)
    spec.loader.exec_module(made)
    return made
