"""Grounding DINO and SAM: toy networks of the published architecture made here, and planted ones that see a drawn scene."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from pixwright.encoders.bundle import Encoders
from pixwright.errors import WeightsCorrupt
from pixwright.ground.grounded_sam import GroundedEyes, GroundedSam, open_grounded_sam
from pixwright.records.kind import EditType
from pixwright.records.plan import Relation, Step, Where
from pixwright.records.region import whole

WORDS = "[PAD] [CLS] [SEP] [UNK] . cup dog red blue the table".split()
HEIGHT, WIDTH = 120, 200
THINGS = {  # name -> box in pixels, score
    "red cup": ((10, 60, 40, 100), 0.8),
    "blue cup": ((80, 62, 112, 104), 0.9),
    "red  cup": ((150, 58, 182, 101), 0.6),
    "dog": ((60, 10, 110, 40), 0.7),
}


def tokenizer() -> Tokenizer:
    made = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    made.add_special_tokens(WORDS[:4])
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing("[CLS] $0 [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)])
    return made


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    from transformers import GroundingDinoConfig, GroundingDinoForObjectDetection, SamConfig, SamModel, SwinConfig

    root = tmp_path_factory.mktemp("grounded")
    torch.manual_seed(0)
    swin = SwinConfig(image_size=32, patch_size=2, embed_dim=8, depths=[1, 1, 1], num_heads=[1, 1, 2], window_size=2, out_indices=[2, 3])  # fmt: skip
    bert = {"model_type": "bert", "vocab_size": len(WORDS), "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16, "max_position_embeddings": 64}  # fmt: skip
    small = {"encoder_layers": 1, "decoder_layers": 2, "encoder_ffn_dim": 16, "decoder_ffn_dim": 16, "encoder_attention_heads": 2, "decoder_attention_heads": 2}  # fmt: skip
    config = GroundingDinoConfig(backbone_config=swin, text_config=bert, d_model=32, num_queries=12, num_feature_levels=2, max_text_len=32, **small)  # fmt: skip
    GroundingDinoForObjectDetection(config).save_pretrained(root / "dino")
    tokenizer().save(str(root / "dino" / "tokenizer.json"))
    vision = {"hidden_size": 16, "output_channels": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "image_size": 64, "patch_size": 8, "window_size": 2, "global_attn_indexes": [0], "num_pos_feats": 8, "mlp_dim": 16, "initializer_range": 0.1}  # fmt: skip
    prompt = {"hidden_size": 16, "image_size": 64, "patch_size": 8, "mask_input_channels": 4}
    decoder = {"hidden_size": 16, "mlp_dim": 16, "num_attention_heads": 2, "iou_head_hidden_dim": 16}
    SamModel(SamConfig(vision_config=vision, prompt_encoder_config=prompt, mask_decoder_config=decoder)).save_pretrained(root / "sam")  # fmt: skip
    return root


class PlantedDino:
    """Sees THINGS: a token's logit is high for the things that its word describes."""

    device, dtype = torch.device("cpu"), torch.float32
    config = SimpleNamespace(max_text_len=32)

    def __init__(self, things=THINGS):
        self.things, self.calls = things, []

    def __call__(self, pixel_values, pixel_mask, input_ids, attention_mask, token_type_ids):
        self.calls.append((tuple(pixel_values.shape), [WORDS[i] for i in input_ids[0].tolist()]))
        logits, boxes = torch.full((1, len(self.things), 32), -9.0), torch.zeros(1, len(self.things), 4)
        for row, (name, ((x0, y0, x1, y1), score)) in enumerate(self.things.items()):
            boxes[0, row] = torch.tensor([(x0 + x1) / 2 / WIDTH, (y0 + y1) / 2 / HEIGHT, (x1 - x0) / WIDTH, (y1 - y0) / HEIGHT])  # fmt: skip
            for at, token in enumerate(input_ids[0].tolist()):
                if WORDS[token] in name.split():
                    logits[0, row, at] = float(np.log(score / (1 - score)))
        return SimpleNamespace(logits=logits, pred_boxes=boxes)


class PlantedSam:
    """Cuts out the ellipse in a box."""

    device, dtype = torch.device("cpu"), torch.float32
    config = SimpleNamespace(vision_config=SimpleNamespace(image_size=256))

    def __init__(self):
        self.looks = 0

    def get_image_embeddings(self, pixels):
        self.looks += 1
        return pixels.mean((2, 3), keepdim=True)

    def __call__(self, image_embeddings, input_boxes, multimask_output):
        assert not multimask_output
        y, x = torch.meshgrid(torch.arange(128) * 2 + 1.0, torch.arange(128) * 2 + 1.0, indexing="ij")
        masks = []
        for x0, y0, x1, y1 in input_boxes[0].tolist():
            away = ((x - (x0 + x1) / 2) / ((x1 - x0) / 2)) ** 2 + ((y - (y0 + y1) / 2) / ((y1 - y0) / 2)) ** 2
            masks.append(20 * (1 - away))
        return SimpleNamespace(pred_masks=torch.stack(masks)[None, :, None])


@pytest.fixture
def picture():
    scene = np.full((HEIGHT, WIDTH, 3), 200, np.uint8)
    for name, ((x0, y0, x1, y1), _) in THINGS.items():
        scene[y0:y1, x0:x1] = {"red": (220, 20, 20), "blue": (20, 20, 220), "dog": (120, 80, 40)}[name.split()[0]]
    return scene


@pytest.fixture
def planted():
    return GroundedSam(PlantedDino(), tokenizer(), PlantedSam())


def hit(region) -> list[str]:
    """The things whose middle is in the region."""
    return [n for n, ((x0, y0, x1, y1), _) in THINGS.items() if region.mask[(y0 + y1) // 2, (x0 + x1) // 2] > 200]


@pytest.mark.parametrize(
    ("phrase", "things"),
    [
        ("the cup", ["blue cup"]),
        ("red cup", ["red cup"]),
        ("red cups", ["red cup", "red  cup"]),
        ("cups", ["red cup", "blue cup", "red  cup"]),
        ("two cups", ["red cup", "blue cup"]),
        ("cup, dog", ["blue cup", "dog"]),
        ("the second cup from the left", ["blue cup"]),
        ("the rightmost cup", ["red  cup"]),
        ("the cup on the left", ["red cup"]),
        ("the cup below the dog", ["blue cup"]),
        ("everything except the dog", ["red cup", "blue cup", "red  cup"]),
    ],
)
def test_a_phrase_means_what_it_says(planted, picture, phrase, things):
    region = planted.ground(picture, phrase)
    assert region.found and hit(region) == things
    assert region.mask.shape == (HEIGHT, WIDTH) and region.phrase == phrase
    if "except" not in phrase:
        assert len(region.boxes) == len(things) == int(region.labels.max())
    assert not region.mask[region.labels == 0].any()


def test_the_best_alone_or_all_merged(planted, picture):
    assert hit(planted.ground(picture, "cup")) == ["blue cup"]
    assert hit(planted.ground(picture, "cup", merge=True)) == ["red cup", "blue cup", "red  cup"]


def test_masks_lie_where_the_box_is_at_full_size(planted, picture):
    region = planted.ground(picture, "dog")
    x0, y0, x1, y1 = region.boxes[0]
    assert np.abs(np.array(region.boxes[0]) - THINGS["dog"][0]).max() <= 2
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    inside = ((x - 85) / 25) ** 2 + ((y - 25) / 15) ** 2 <= 1
    solid = region.mask > 127
    assert (solid & inside).sum() / (solid | inside).sum() > 0.95
    large = np.kron(picture, np.ones((7, 7, 1), np.uint8))
    twice = planted.ground(large, "dog")
    assert twice.mask.shape == (HEIGHT * 7, WIDTH * 7)
    assert np.abs(np.array(twice.boxes[0]) - 7 * np.array(THINGS["dog"][0])).max() <= 7
    assert region.score == pytest.approx(0.7, abs=1e-4)


def test_the_aspect_is_kept_and_all_nouns_are_one_call(planted, picture):
    planted.ground(picture, "the cup below the dog")
    ((shape, words),) = planted._dino.calls
    assert shape == (1, 3, 800, 1333)
    assert words == ["[CLS]", "cup", ".", "dog", ".", "[SEP]"]
    assert planted.look(picture).reshaped == (154, 256)


def test_both_thresholds_and_doubles(picture):
    def named(**things):
        return GroundedSam(PlantedDino(things), tokenizer(), PlantedSam()).detect(picture, ["red cup"])[0]

    near = ((10, 60, 40, 100), 0.8)
    assert len(named(cup=near)) == 1
    assert named(cup=((10, 60, 40, 100), 0.29)) == []
    assert named(red=near) == [], "a red thing is no red cup"
    found = GroundedSam(
        PlantedDino({"cup": near, "red cup": ((11, 61, 41, 101), 0.9), "the cup": ((90, 60, 120, 100), 0.5)}), tokenizer(), PlantedSam()
    ).detect(picture, ["cup"])[0]  # fmt: skip
    assert [round(each.score, 1) for each in found] == [0.9, 0.5]
    assert GroundedSam(PlantedDino(), tokenizer(), PlantedSam()).detect(picture, ["cup"] * 20)[19] == []


def test_what_is_not_there_is_said(planted, picture):
    region = planted.ground(picture, "cup, zebra")
    assert not region.found and "not found" in region.note and not region.mask.any()
    assert planted.ground(picture, "the picture").source == "whole"


def test_eyes_look_once_at_each_picture(planted, picture):
    eyes = GroundedEyes(planted, Encoders())
    assert eyes.find(picture, "cup") is eyes.find(picture, "cup")
    eyes.find(picture, "dog")
    assert planted._sam.looks == 1
    other = picture.copy()
    eyes.find(other, "dog")
    assert planted._sam.looks == 2


def test_eyes_find_what_a_step_edits(planted, picture):
    eyes = GroundedEyes(planted, Encoders())
    user = whole(HEIGHT, WIDTH)
    red = Step(type=EditType.COLOR_ALTER, instruction="x", target="dog", value="red")
    assert eyes.find_step(picture, red, user) is user
    assert hit(eyes.find_step(picture, red, None)) == ["dog"]
    hat = Step(type=EditType.ADD, instruction="x", value="hat", where=Where(relation=Relation.ON, anchor="dog"))
    assert eyes.find_step(picture, hat, None).source == "none"
    assert hit(eyes.find_step(picture, hat.model_copy(update={"target": "dog"}), None)) == ["dog"]
    tone = Step(type=EditType.TONE_TRANSFER, instruction="x", value="night")
    assert eyes.find_step(picture, tone, None).source == "whole"
    assert eyes.find_step(picture, Step(type=EditType.TEXTUAL_CHANGE, instruction="x", target="sign"), None).source == "none"  # fmt: skip


def test_the_published_architectures_at_toy_size(folders, picture):
    made = open_grounded_sam(str(folders / "dino"), str(folders / "sam"), "cpu")
    assert set(made.digests) == {"dino", "sam"}
    looked = made.look(picture)
    assert looked.embedding.shape == (1, 16, 8, 8)
    found = made.detect(picture, ["cup", "red dog"])
    assert [len(each) for each in found] == [len(each) for each in made.detect(picture, ["cup", "red dog"])]
    once, twice = made.ground(looked, "cup", merge=True), made.ground(picture, "cup", merge=True)
    assert np.array_equal(once.mask, twice.mask) and once.boxes == twice.boxes


def test_boxes_are_those_of_the_librarys_own_reading(folders, picture, monkeypatch):
    """Against transformers' post-processing of the same network, with both thresholds at 0 and no two boxes taken for one."""
    from transformers import GroundingDinoProcessor

    from pixwright.encoders.parts import grounding_dino

    made = open_grounded_sam(str(folders / "dino"), str(folders / "sam"), "cpu")
    monkeypatch.setattr(grounding_dino, "BOX", 0.0)
    monkeypatch.setattr(grounding_dino, "TEXT", 0.0)
    monkeypatch.setattr(grounding_dino, "SAME", 1.0)
    outputs = []
    made._dino.register_forward_hook(lambda network, given, out: outputs.append(out))
    ours = made.detect(picture, ["cup"])[0]
    outputs[0].logits = outputs[0].logits.clone()
    outputs[0].logits[..., [0, 2, 3]] = -20.0  # only the noun's token counts for us
    reader = SimpleNamespace(batch_decode=lambda ids: ids)
    theirs = GroundingDinoProcessor.post_process_grounded_object_detection(
        reader, outputs[0], torch.tensor([[1, 5, 4, 2]]), threshold=1e-6, target_sizes=[(HEIGHT, WIDTH)]
    )[0]
    order = theirs["scores"].argsort(descending=True)
    assert len(ours) == 12
    assert np.allclose([each.score for each in ours], theirs["scores"][order], atol=1e-5)
    limit = torch.tensor([WIDTH, HEIGHT, WIDTH, HEIGHT])
    wanted = theirs["boxes"][order].clamp(min=0).minimum(limit)
    assert np.allclose([each.box for each in ours], wanted, atol=1e-3)


def test_a_folder_of_something_else_is_refused(folders):
    with pytest.raises(WeightsCorrupt):
        open_grounded_sam(str(folders / "sam"), str(folders / "dino"), "cpu")
