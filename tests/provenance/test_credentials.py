"""Signed results: what they say, that a change breaks them, and that what the input said is never lost."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image
from typer.testing import CliRunner

from pixwright import edit
from pixwright.cli.app import app
from pixwright.errors import InvalidOption, OutputExists
from pixwright.files import Job, edit_file
from pixwright.provenance import carried, certificate, credentials
from pixwright.provenance.check import check
from pixwright.provenance.credentials import State
from pixwright.provenance.marking import SIDECAR, with_mark
from pixwright.records.result import Origin
from pixwright.redoing import redo

pytest.importorskip("c2pa")


@pytest.fixture
def nobody(monkeypatch, tmp_path):
    """A machine on which no certificate was made."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in (certificate.CHAIN_VARIABLE, certificate.KEY_VARIABLE):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def owner(nobody):
    """A machine with a local certificate."""
    certificate.make()
    found = certificate.find()
    assert found is not None
    return found


def picture(folder, name="cat.jpg"):
    path = folder / name
    Image.fromarray(skimage.data.chelsea()).resize((226, 150)).save(path, quality=92)
    return path


def signed_picture(folder, owner, name="signed.jpg"):
    """A file with credentials of its own, as a camera or another program would give it."""
    plain = picture(folder, f"plain{Path(name).suffix}")
    done = edit_file(Job(plain, "make it brighter", folder / name, sign=True))
    assert done.output is not None
    return done.output


def test_a_signed_result_says_what_was_done(tmp_path, owner):
    source = picture(tmp_path)
    done = edit_file(Job(source, "make it black and white", tmp_path / "out.jpg", sign=True))
    found = check(done.output)["credentials"]
    assert found["state"] is State.VALID
    assert found["issuer"] == owner.name and found["generator"].startswith("pixwright ")
    assert found["actions"] == ("c2pa.opened", "c2pa.adjustedColor")
    assert any("only that the file is unchanged" in note for note in done.notes)


def test_a_standard_edit_is_signed_only_when_asked(tmp_path, owner):
    done = edit_file(Job(picture(tmp_path), "make it brighter"))
    assert not carried.carries(done.output.read_bytes())


def test_what_is_put_together_is_signed_by_itself_and_bears_its_term(tmp_path, owner):
    done = edit_file(Job(picture(tmp_path), "replace the background with a beach"))
    data = done.output.read_bytes()
    assert credentials.read(data).state is State.VALID
    assert b"digitalsourcetype/composite" in data


@pytest.mark.parametrize("ending", [".jpg", ".png", ".webp", ".tif", ".gif"])
def test_every_kind_of_file_that_can_bear_them_does(tmp_path, owner, ending):
    done = edit_file(Job(picture(tmp_path, f"cat{ending}"), "make it brighter", sign=True))
    assert credentials.read(done.output.read_bytes()).state is State.VALID


def test_a_changed_file_is_invalid(tmp_path, owner):
    data = bytearray(signed_picture(tmp_path, owner).read_bytes())
    data[-20] ^= 1
    assert credentials.read(bytes(data)).state is State.INVALID


def test_what_the_input_said_is_an_ingredient(tmp_path, owner):
    source = signed_picture(tmp_path, owner)
    done = edit_file(Job(source, "make it black and white"))
    found = credentials.read(done.output.read_bytes())
    assert found.state is State.VALID and found.ingredients == ("the input",)
    assert "c2pa.adjustedColor" in found.actions


@pytest.mark.parametrize("ending", [".jpg", ".png", ".webp"])
def test_without_a_certificate_what_the_input_said_is_kept_beside(tmp_path, owner, ending):
    source = signed_picture(tmp_path, owner, f"signed{ending}")
    done = edit_file(Job(source, "make it darker", sign=False))
    kept = done.output.with_name(done.output.name + SIDECAR)
    assert kept.read_bytes() == carried.store(source.read_bytes())
    assert any("content credentials of the input are kept in" in note for note in done.notes)
    # An independent reader takes the kept store for what it is: the input's own.
    import c2pa

    reader = c2pa.Reader(
        f"image/{'jpeg' if ending == '.jpg' else ending[1:]}",
        io.BytesIO(source.read_bytes()),
        manifest_data=kept.read_bytes(),
    )
    assert str(reader.get_validation_state()) in ("Valid", "Trusted")


def test_a_file_without_credentials_has_none(tmp_path):
    data = picture(tmp_path).read_bytes()
    assert not carried.carries(data) and carried.store(data) is None
    assert check(data)["credentials"]["state"] is State.NOT_PRESENT


def test_signing_without_a_certificate_says_how_to_make_one(tmp_path, nobody):
    source = picture(tmp_path)
    with pytest.raises(InvalidOption, match="pixwright provenance setup"):
        edit_file(Job(source, "make it brighter", sign=True))
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["cat.jpg"]


def test_a_certificate_is_never_replaced_and_its_key_is_private(tmp_path, owner):
    with pytest.raises(OutputExists):
        certificate.make()
    assert (certificate.folder() / "key.pem").stat().st_mode & 0o077 == 0


def test_half_of_a_pair_and_a_strange_pair_are_refused(tmp_path, owner, monkeypatch):
    other = certificate.make(tmp_path / "other")
    monkeypatch.setenv(certificate.CHAIN_VARIABLE, str(other))
    with pytest.raises(InvalidOption, match="CERTIFICATE_KEY is not"):
        certificate.find()
    monkeypatch.setenv(certificate.KEY_VARIABLE, str(certificate.folder() / "key.pem"))
    with pytest.raises(InvalidOption, match="is not the key of"):
        certificate.find()


def test_a_signed_result_can_be_made_again(tmp_path, owner):
    source = picture(tmp_path)
    done = edit_file(Job(source, "make it brighter", tmp_path / "out.jpg", sign=True))
    again, same, notes = redo(done.output)
    assert same and "the samples were compared" in notes[0]
    assert not carried.carries(again.read_bytes())


def test_the_command_says_it_in_words(tmp_path, owner):
    told = CliRunner().invoke(app, ["provenance", "check", str(signed_picture(tmp_path, owner))])
    assert told.exit_code == 0
    assert "content credentials: valid" in told.output and "invisible mark: not found" in told.output


def test_what_a_network_painted_bears_the_mark_inside_of_the_edit_only():
    result = edit(skimage.data.coffee(), "make the cup red")
    assert with_mark(result) is result
    step = result.report.steps[0].model_copy(update={"added": Origin.GENERATED})
    painted = replace(result, report=result.report.model_copy(update={"steps": (step,)}))
    marked = with_mark(painted)
    outside = result.effective_mask == 0
    assert np.array_equal(marked.picture[outside], result.picture[outside])
    assert not np.array_equal(marked.picture, result.picture)
