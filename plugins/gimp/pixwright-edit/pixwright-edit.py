#!/usr/bin/env python3
"""GIMP 3: Filters > Edit by Instruction. The picture goes to a pixwright server on this machine; the result comes back as a new layer.

A selection is the only place where anything may change. An edit that changes the picture's size opens as a new picture.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import gi

gi.require_version("Gimp", "3.0")
gi.require_version("GimpUi", "3.0")
from gi.repository import Gimp, GimpUi, Gio, GLib, GObject  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent))
from pixwright_client import Server, ServerError  # noqa: E402

NAME = "pixwright-edit"
EXAMPLE = "make the left car red"


class PixwrightEdit(Gimp.PlugIn):
    """One procedure: edit by instruction."""

    def do_query_procedures(self):
        """What GIMP asks at its start."""
        return [NAME]

    def do_set_i18n(self, _name):
        """English only."""
        return False

    def do_create_procedure(self, name):
        """The procedure, with its menu entry and its arguments."""
        procedure = Gimp.ImageProcedure.new(self, name, Gimp.PDBProcType.PLUGIN, self.run, None)
        procedure.set_image_types("RGB*, GRAY*")
        procedure.set_sensitivity_mask(
            Gimp.ProcedureSensitivityMask.DRAWABLE | Gimp.ProcedureSensitivityMask.NO_DRAWABLES
        )
        procedure.set_menu_label("Edit by _Instruction...")
        procedure.add_menu_path("<Image>/Filters/")
        procedure.set_documentation("Edit by instruction, on this machine", __doc__, name)
        procedure.set_attribution("The pixwright project", "Apache-2.0", "2026")
        both = GObject.ParamFlags.READWRITE
        procedure.add_string_argument("instruction", "_Instruction", "What to do, in plain words", EXAMPLE, both)
        procedure.add_int_argument("seed", "S_eed", "Same seed, same result", 0, 2**31 - 1, 0, both)
        procedure.add_string_argument("server", "Ser_ver", "Where pixwright serve listens", Server().address, both)
        return procedure

    def run(self, procedure, run_mode, image, _drawables, config, _data):
        """Ask, edit, and put the result into the picture."""
        if run_mode == Gimp.RunMode.INTERACTIVE:
            GimpUi.init(NAME)
            dialog = GimpUi.ProcedureDialog.new(procedure, config, "Edit by Instruction")
            dialog.fill(None)
            wanted = dialog.run()
            dialog.destroy()
            if not wanted:
                return procedure.new_return_values(Gimp.PDBStatusType.CANCEL, None)
        try:
            with tempfile.TemporaryDirectory() as folder:
                self._edit(image, config, Path(folder), run_mode)
        except ServerError as error:
            return procedure.new_return_values(
                Gimp.PDBStatusType.EXECUTION_ERROR, GLib.Error.new_literal(Gimp.PlugIn.error_quark(), str(error), 0)
            )
        return procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, None)

    def _edit(self, image, config, folder, run_mode):
        Gimp.progress_init("pixwright")

        def watch(what, done):
            Gimp.progress_set_text(what)
            Gimp.progress_update(done)
            return True

        answer = Server(config.get_property("server")).edit(
            _picture(image, folder / "picture.png"),
            config.get_property("instruction"),
            _selected(image, folder / "mask.png"),
            config.get_property("seed"),
            watch,
        )
        if answer.picture is not None:
            result = folder / "result.png"
            result.write_bytes(answer.picture)
            other = _put_back(image, result, config.get_property("instruction"), (answer.width, answer.height))
            # A script has no display to show it on: it finds the new picture in Gimp.get_images().
            if other is not None and run_mode != Gimp.RunMode.NONINTERACTIVE:
                Gimp.Display.new(other)
        Gimp.message("\n".join(answer.lines))
        Gimp.progress_end()


def _save(image, path):
    Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, Gio.File.new_for_path(str(path)), None)
    image.delete()
    return path.read_bytes()


def _picture(image, path):
    """What is seen, as a PNG."""
    copy = image.duplicate()
    copy.merge_visible_layers(Gimp.MergeType.CLIP_TO_IMAGE)
    return _save(copy, path)


def _selected(image, path):
    """The selection in white on black, as a PNG; None where nothing is selected."""
    if Gimp.Selection.is_empty(image):
        return None
    copy = image.duplicate()  # the selection is copied too
    layer = Gimp.Layer.new(
        copy, "mask", copy.get_width(), copy.get_height(), Gimp.ImageType.RGB_IMAGE, 100.0, Gimp.LayerMode.NORMAL
    )
    copy.insert_layer(layer, None, 0)
    layer.fill(Gimp.FillType.WHITE)  # all of it, whatever is selected
    Gimp.Selection.invert(copy)
    layer.invert(False)  # what is selected now: all that shall stay
    Gimp.Selection.none(copy)
    copy.flatten()
    return _save(copy, path)


def _put_back(image, path, name, size):
    """The result as a new layer on top, in one step of undo; in another size, as a new picture, which is the answer then, else None."""
    file = Gio.File.new_for_path(str(path))
    if size != (image.get_width(), image.get_height()):
        return Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, file)
    image.undo_group_start()
    try:
        layer = Gimp.file_load_layer(Gimp.RunMode.NONINTERACTIVE, image, file)
        layer.set_name(name)
        image.insert_layer(layer, None, 0)
    finally:
        image.undo_group_end()
    Gimp.displays_flush()
    return None


if __name__ == "__main__":
    Gimp.main(PixwrightEdit.__gtype__, sys.argv)
