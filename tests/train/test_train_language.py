"""Training of the language model: what rows ask for, states that are kept, losses, and a run of a tiny model that learns and can be opened."""

import json
from collections import Counter

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("accelerate")

from pixwright.build.sets.bench import catalogue_of  # noqa: E402
from pixwright.build.source.merged import MergedCatalogue  # noqa: E402
from pixwright.errors import InvalidOption  # noqa: E402
from pixwright.mllm.contract import Input  # noqa: E402
from pixwright.mllm.opening import language_model  # noqa: E402
from pixwright.mllm.retrieval import unit  # noqa: E402
from pixwright.parse.implicit import knowledge  # noqa: E402
from pixwright.records.sample import Split  # noqa: E402
from pixwright.train.config import LanguageSettings, Length, Optimiser, Run  # noqa: E402
from pixwright.train.language.plans import plan_rows, reserved  # noqa: E402
from pixwright.train.language.rows import DROPPED, LanguageRowMaker, Material, Places  # noqa: E402
from pixwright.train.language.scenes import EditedScene, SceneMaker, ShownSubject, make_scenes, read_scenes  # noqa: E402
from pixwright.train.language.start import language_task, network_for, of_few_texts, rows_for  # noqa: E402
from pixwright.train.language.states import States, encoded  # noqa: E402
from pixwright.train.language.task import LanguageObjective, LanguageTask  # noqa: E402
from pixwright.train.language.vectors import CROPS, make_vectors, read_vectors  # noqa: E402
from pixwright.train.loop import Loop  # noqa: E402
from tiny_language import tiny_folder  # noqa: E402

WIDTH = 8


def scene(kind, subjects, start, **slots):
    return EditedScene(kind, start, start + 1, "A cow.", "A cow and a dog.", tuple(subjects), slots)


def material():
    dog = ShownSubject("dog", "a dog", True, picture=2)
    cow, heard = (
        ShownSubject("cow", "a cow", False, picture=2),
        ShownSubject("cat", "the sound of a cat", True, sound="s/cat.ogg"),
    )
    song = ShownSubject("calm music", "a calm piece", False, sound="m/calm")
    scenes = [
        scene("add", [dog], 0),
        scene("remove", [cow], 0),
        scene("replace", [cow, heard], 0),
        scene("replace", [dog], 0, target="cow"),
        scene("fit_music", [song], 0),
        scene("add+fit_music", [dog, song], 0),
    ]
    sounds = {"s/cat.ogg": (18, 19), "m/calm": (20,)}
    placed = [(one, Places(3 * k, sounds)) for k, one in enumerate(scenes)]
    captions = {"s/cat.ogg": "the sound of a cat", "m/calm": "a calm piece"}
    return Material(placed, sounds, captions, {"s/cat.ogg": "cat", "m/calm": "calm music"}, frozenset({"m/calm"}))


def table():
    rng = np.random.default_rng(0)
    return np.stack([unit(one) for one in rng.normal(size=(21, WIDTH))]).astype(np.float32)


def settings(folder, **more):
    return LanguageSettings(base=str(folder), enter=2, rank=4, group=8, held_rows=8, others=16, **more)


def test_a_sub_is_asked_for_what_shall_appear():
    made = list(LanguageRowMaker(material(), 1).rows("edit", 600))
    for index, row in enumerate(made):
        one = material().scenes[index % 6][0]
        new = {
            Places(3 * (index % 6), {}).pictures + s.picture if s.picture >= 0 else s.sound
            for s in one.subjects
            if s.new
        }
        asked = row.targets[row.controls[0] == "[base]" : -1]
        assert row.controls[-1] == "[gen]" and row.targets[-1] == 3 * (index % 6) + 1
        assert all(target in new or target in (18, 19) for target in asked)
        assert len(asked) == row.controls.count("[sub]")
        assert "{" not in row.words
        assert (0 in row.inputs) == (row.controls[0] == "[base]")
    assert np.mean([0 not in row.inputs for row in made]) == pytest.approx(DROPPED, abs=0.06)
    removed = [row for index, row in enumerate(made) if index % 6 == 1]
    assert all("[sub]" not in row.controls for row in removed)
    replaced = [row for index, row in enumerate(made) if index % 6 == 2 and len(row.inputs) >= 3]
    assert Counter(row.controls.count("[sub]") for row in replaced).most_common(1)[0][0] == 1


def test_pre_training_has_four_tasks():
    maker = LanguageRowMaker(material(), 1)
    described = next(maker.rows("caption_picture", 1))
    assert described.said and not described.controls
    assert next(maker.rows("caption_sound", 1)).said == "A calm piece."
    spoken = next(maker.rows("words_to_vector", 1))
    assert spoken.controls == ("[gen]",) and not spoken.inputs
    heard = {row.targets for row in maker.rows("sound_to_vector", 20)}
    assert heard <= {(7,), (13,), (16,)} and heard


def test_rows_are_the_same_every_time_and_of_few_texts(tmp_path):
    folder = tiny_folder(tmp_path)
    _, writer, _ = network_for(settings(folder), WIDTH)
    rows = rows_for(settings(folder, rows={"edit": 80, "plan": 5, "caption_picture": 4}), material())
    assert rows == rows_for(settings(folder, rows={"edit": 80, "plan": 5, "caption_picture": 4}), material())
    kept = of_few_texts([encoded(row, writer) for row in rows], 10)
    assert len({row.ids for row in kept}) == 10 <= len(kept)
    with pytest.raises(InvalidOption, match="no task is called 'dance'"):
        rows_for(settings(folder, rows={"dance": 1}), material())


def test_plans_leave_out_the_reserved_situations():
    rows = plan_rows(400, 1)
    assert len(rows) == 400
    kept = [one for one in knowledge() if reserved(one.situation)]
    assert kept and not any(row.words.endswith(f": {one.situation}") for row in rows for one in kept)
    held = plan_rows(len(kept), 1, kept=True)
    assert sorted(row.words.split(": ", 1)[1] for row in held) == sorted(one.situation for one in kept)


def test_a_run_of_plans_alone_composes_no_scene_and_is_checked_on_reserved_situations(tmp_path):
    folder = tiny_folder(tmp_path / "model")
    run = Run(name="plans", kind="language", language=settings(folder, rows={"plan": 12}))
    task = language_task(run, tmp_path / "cache")
    assert [one.name for one in (tmp_path / "cache").iterdir() if not one.name.startswith("states-")] == []
    assert task.size() == 2 and len(task.held) == 8
    assert task.validate()["held_out_loss"] > 0 and task.sheet().size > 0, (
        "a sheet is written also where nothing is retrieved"
    )


def test_states_are_what_the_frozen_layers_say(tmp_path):
    network, writer, _ = network_for(settings(tiny_folder(tmp_path / "model")), WIDTH)
    rows = [encoded(row, writer) for row in LanguageRowMaker(material(), 1).rows("edit", 12)]
    states = States(network, rows, tmp_path)
    again = States(network, rows[::-1], tmp_path)
    assert len(list(tmp_path.glob("states-*.npy"))) == 1
    with torch.no_grad():
        right = network.lower(torch.tensor([rows[3].ids]))[0]
    np.testing.assert_allclose(states.of(rows[3].ids), right.numpy(), atol=2e-3)
    np.testing.assert_array_equal(again.of(rows[3].ids), states.of(rows[3].ids))


def test_both_regressions(tmp_path):
    network, _, _ = network_for(settings(tiny_folder(tmp_path)), WIDTH)
    one, other = torch.eye(2, WIDTH)
    for kind, distance in (("l2", 2.0), ("l1", 2 / WIDTH**0.5)):
        loss = LanguageObjective(network, LanguageSettings(regression=kind), torch.arange(4))
        assert float(loss.distance(one[None], other[None])) == pytest.approx(distance)
        assert float(loss.distance(one[None], one[None])) == 0


def test_a_tiny_model_learns_resumes_and_is_opened(tmp_path):
    folder = tiny_folder(tmp_path / "model")

    def loop(steps, resume=False):
        chosen = settings(folder, rows={"edit": 60})
        optimiser = Optimiser(lr=5e-3, batch=1, warm_up=5, ema=0.9)
        run = Run(name="tiny", kind="language", language=chosen, optimiser=optimiser, length=Length(steps=steps))
        network, writer, layout = network_for(chosen, WIDTH)
        rows = [encoded(row, writer) for row in LanguageRowMaker(material(), 1).rows("edit", 68)]
        task = LanguageTask(run, network, layout, rows[8:], rows[:8], table(), tmp_path)
        return Loop(run, task, tmp_path / "out", resume=resume)

    first = loop(20)()
    learnt = loop(20, resume=True).task
    answers, seen = learnt.answers(), learnt.validate()
    assert {len(values) for values in answers.values()} == {8}
    assert np.nanmean(answers["found"]) == pytest.approx(next(seen[name] for name in seen if "recall" in name))
    assert 0 <= np.nanmean(answers["controls"]) <= 1 and abs(np.nanmean(answers["cosine"]) - seen["cosine"]) < 0.2
    assert np.mean(first.losses[-4:]) < 0.8 * np.mean(first.losses[:4])
    assert loop(24, resume=True)().step == 24
    lines = [json.loads(line) for line in (tmp_path / "out" / "log-language.jsonl").read_text().splitlines()]
    assert lines[-1].keys() >= {"held_out_loss", "controls_right", "cosine"}
    (tmp_path / "out" / "tiny.safetensors").rename(folder / "adapter.safetensors")
    model = language_model(str(folder))
    read = model.understand("add [1]", [Input("picture", table()[0]), Input("picture", table()[2])])
    assert read.gen.shape == (WIDTH,)


class Few:
    """The first of a catalogue's pictures."""

    MOST = 2

    def __init__(self, catalogue):
        self.catalogue, self.pixels = catalogue, catalogue.pixels

    def assets(self, kind):
        return self.catalogue.assets(kind)[: self.MOST]


class Painter:
    """Stands for the aligned encoder: the picture's mean colours; sounds are not heard."""

    width = WIDTH

    def picture(self, picture):
        return unit(np.resize(picture.mean((0, 1)), WIDTH).astype(np.float32))

    def sound(self, samples, rate):
        return unit(np.ones(WIDTH, np.float32))

    music = sound


def test_scenes_hold_training_files_alone_and_are_looked_at_once(tmp_path, monkeypatch):
    made = make_scenes(tmp_path, 3, 1, ("packaged",))
    assert (made, make_scenes(tmp_path, 3, 1, ("packaged",))) == (3, 0)
    (part,) = read_scenes(tmp_path)
    assert part.scenes == SceneMaker(1, ("packaged",)).part(0, 3).scenes
    first = part.scenes[0]
    assert part.pictures[first.source].shape == part.pictures[first.edited].shape
    assert (part.pictures[first.source] != part.pictures[first.edited]).any()
    catalogue = catalogue_of(("packaged",), Split.TRAIN)
    held = {one.key for one in catalogue_of(("packaged",), Split.TEST).assets("cutout")}
    held |= {one.key for one in catalogue_of(("packaged",), Split.TEST).assets("background")}
    assert not held & {one.key for kind in ("cutout", "background") for one in catalogue.assets(kind)}
    quiet = MergedCatalogue(Split.TRAIN, [])
    make_vectors(tmp_path, [part], quiet, Painter(), "painter")
    vectors, found = read_vectors(tmp_path, [part], quiet, "painter")
    assert vectors.shape == (len(part.pictures), WIDTH)
    assert [one for one, _ in found.scenes] == list(part.scenes) and not found.photographs
    make_vectors(tmp_path, [part], quiet, Painter(), "painter", Few(catalogue))
    more, shown = read_vectors(tmp_path, [part], quiet, "painter")
    assert len(shown.photographs) == CROPS * Few.MOST == len(more) - len(vectors)
    np.testing.assert_array_equal(more[: len(vectors)], vectors)
    with pytest.raises(InvalidOption, match="holds no scenes"):
        read_scenes(tmp_path / "nowhere")
