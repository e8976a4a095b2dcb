"""Published pipelines: each supported class with a tiny random configuration in diffusers' layout, and what is refused."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")
pytest.importorskip("transformers")

from skimage import data  # noqa: E402

from pixwright.errors import InvalidOption, MissingExtra, WeightsCorrupt, WeightsMissing  # noqa: E402
from pixwright.models import pipelines  # noqa: E402
from pixwright.models.families import SUPPORTED, PipelineRequest  # noqa: E402
from pixwright.models.options import ModelOptions  # noqa: E402
from pixwright.models.pipelines import open_painter, open_pipeline  # noqa: E402

CHAT = "{% for m in messages %}<|im_start|>{{ m['role'] }}{% if m['content'] is string %}{{ m['content'] }}{% else %}{% for c in m['content'] %}{{ c['text'] }}{% endfor %}{% endif %}<|im_end|>{% endfor %}"
MARKS = ["<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
MARK_IDS = dict(
    zip(("vision_start_token_id", "vision_end_token_id", "image_token_id", "video_token_id"), range(259, 263))
)
"""Of the last four MARKS, behind the 256 letters, the end of a text and the two marks of a chat."""
EYES = {"depth": 1, "hidden_size": 8, "intermediate_size": 8, "num_heads": 1, "out_hidden_size": 8}
FLOW = {"shift": 1.0, "use_dynamic_shifting": True}


def letters():
    from tokenizers.pre_tokenizers import ByteLevel

    return sorted(ByteLevel.alphabet())


def qwen_words():
    from transformers import Qwen2Tokenizer

    words = Qwen2Tokenizer(vocab={c: i for i, c in enumerate(letters())}, merges=[], pad_token="<|endoftext|>")
    words.add_special_tokens({"additional_special_tokens": MARKS})
    words.chat_template = CHAT
    return words


def clip_words():
    from transformers import CLIPTokenizer

    every = ["<|startoftext|>", "<|endoftext|>", *letters(), *(c + "</w>" for c in letters())]
    return CLIPTokenizer(vocab={c: i for i, c in enumerate(every)}, merges=[], model_max_length=77)


def clip_text():
    from transformers import CLIPTextConfig, CLIPTextModel

    words = clip_words()
    shape = {
        "hidden_size": 8,
        "intermediate_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "projection_dim": 8,
    }
    ids = {"bos_token_id": words.bos_token_id, "eos_token_id": words.eos_token_id, "pad_token_id": words.pad_token_id}
    return {"text_encoder": CLIPTextModel(CLIPTextConfig(vocab_size=len(words), **shape, **ids)), "tokenizer": words}


def flow():
    from diffusers import FlowMatchEulerDiscreteScheduler

    return FlowMatchEulerDiscreteScheduler(**FLOW)


def flux2(text, layers, guided):
    """Both FLUX.2: the text's states of three depths side by side are the condition."""
    from diffusers import AutoencoderKLFlux2, Flux2Transformer2DModel

    vae = AutoencoderKLFlux2(
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        block_out_channels=(4, 4),
        layers_per_block=1,
        latent_channels=2,
        norm_num_groups=1,
    )
    transformer = Flux2Transformer2DModel(
        in_channels=8,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=1,
        joint_attention_dim=24,
        timestep_guidance_channels=16,
        axes_dims_rope=(4, 4, 4, 4),
        guidance_embeds=guided,
    )
    return {
        "vae": vae,
        "transformer": transformer,
        "scheduler": flow(),
        "text_encoder": text,
        "tokenizer": qwen_words(),
    }


def language(layers):
    shape = {
        "hidden_size": 8,
        "intermediate_size": 8,
        "num_attention_heads": 1,
        "num_key_value_heads": 1,
        "head_dim": 8,
    }
    return dict(vocab_size=263, num_hidden_layers=layers, pad_token_id=None, eos_token_id=None, **shape)


def flux2_klein():
    from transformers import Qwen3Config, Qwen3ForCausalLM

    return flux2(Qwen3ForCausalLM(Qwen3Config(**language(27))), 27, False)


def flux2_large():
    from transformers import Mistral3Config, Mistral3ForConditionalGeneration

    seen = {
        "model_type": "pixtral",
        "hidden_size": 8,
        "intermediate_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 1,
    }
    config = Mistral3Config(
        text_config={"model_type": "mistral", **language(30)},
        vision_config={**seen, "image_size": 32, "patch_size": 16, "head_dim": 8},
        image_token_index=260,
    )
    return flux2(Mistral3ForConditionalGeneration(config), 30, True)


def plain_vae(**more):
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        block_out_channels=(4, 4),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        norm_num_groups=1,
        **{"latent_channels": 4} | more,
    )


def kontext():
    from diffusers import FluxTransformer2DModel
    from transformers import T5Config, T5EncoderModel, T5Tokenizer

    transformer = FluxTransformer2DModel(
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=1,
        joint_attention_dim=8,
        pooled_projection_dim=8,
        axes_dims_rope=(4, 4, 8),
        guidance_embeds=True,
    )
    pieces = ["<pad>", "</s>", "<unk>", "\u2581", *"abcdefghijklmnopqrstuvwxyz"]
    words = T5Tokenizer(vocab=[(piece, -1.0) for piece in pieces], extra_ids=0)
    text = T5EncoderModel(T5Config(vocab_size=40, d_model=8, d_kv=4, d_ff=8, num_layers=1, num_heads=2))
    vae = plain_vae(use_quant_conv=False, use_post_quant_conv=False, shift_factor=0.1)
    return clip_text() | {
        "text_encoder_2": text,
        "tokenizer_2": words,
        "vae": vae,
        "transformer": transformer,
        "scheduler": flow(),
    }


def pix2pix():
    from diffusers import DDIMScheduler, UNet2DConditionModel

    unet = UNet2DConditionModel(
        block_out_channels=(4, 8),
        layers_per_block=1,
        in_channels=8,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=8,
        attention_head_dim=4,
        norm_num_groups=2,
    )
    return clip_text() | {"vae": plain_vae(), "unet": unet, "scheduler": DDIMScheduler()}


def qwen():
    from diffusers import AutoencoderKLQwenImage, QwenImageTransformer2DModel
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration, Qwen2VLImageProcessorPil

    text = {
        **language(1),
        "model_type": "qwen2_5_vl_text",
        "rope_scaling": {"type": "mrope", "mrope_section": [1, 1, 2]},
    }
    seen = {**EYES, "fullatt_block_indexes": [0]}
    words = qwen_words()
    config = Qwen2_5_VLConfig(text_config=text, vision_config=seen, **MARK_IDS)
    assert words.convert_tokens_to_ids("<|image_pad|>") == config.image_token_id
    vae = AutoencoderKLQwenImage(
        base_dim=2,
        z_dim=4,
        dim_mult=[1, 1, 1, 1],
        num_res_blocks=0,
        latents_mean=[0.0] * 4,
        latents_std=[1.0] * 4,
    )
    transformer = QwenImageTransformer2DModel(
        in_channels=16,
        out_channels=4,
        num_layers=1,
        attention_head_dim=16,
        num_attention_heads=1,
        joint_attention_dim=8,
        axes_dims_rope=(4, 4, 8),
    )
    processor = (Qwen2VLImageProcessorPil(min_pixels=28 * 28, max_pixels=112 * 112), words)
    return {
        "text_encoder": Qwen2_5_VLForConditionalGeneration(config),
        "tokenizer": words,
        "processor": processor,
        "vae": vae,
        "transformer": transformer,
        "scheduler": flow(),
    }


def dreamlite():
    from diffusers import AutoencoderTiny, DreamLiteUNetModel
    from transformers import Qwen2VLImageProcessorPil, Qwen3VLConfig, Qwen3VLForConditionalGeneration

    text = {**language(1), "rope_parameters": {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [1, 1, 2]}}
    seen = {**EYES, "num_position_embeddings": 16, "deepstack_visual_indexes": [0]}
    words = qwen_words()
    pictures = Qwen2VLImageProcessorPil(min_pixels=32 * 32, max_pixels=64 * 64, patch_size=16)
    unet = DreamLiteUNetModel(
        block_out_channels=(8, 8, 8),
        layers_per_block=1,
        norm_num_groups=2,
        cross_attention_dim=8,
        attention_head_dim=4,
        ff_mult=1,
        addition_embed_type="time",
        addition_time_embed_dim=4,
        projection_class_embeddings_input_dim=8,
    )
    tiny = {"encoder_block_out_channels": (4, 4), "decoder_block_out_channels": (4, 4)}
    blocks = {"num_encoder_blocks": (1, 1), "num_decoder_blocks": (1, 1), "upsampling_scaling_factor": 2}
    return {
        "text_encoder": Qwen3VLForConditionalGeneration(
            Qwen3VLConfig(text_config=text, vision_config=seen, tie_word_embeddings=False, **MARK_IDS)
        ),
        "tokenizer": words,
        "processor": (pictures, words),
        "vae": AutoencoderTiny(**tiny, **blocks),
        "unet": unet,
        "scheduler": flow(),
    }


def pix2pix_xl():
    return {**xl(), "unet": unet_xl(8)}


def unet_xl(channels):
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        block_out_channels=(4, 8),
        layers_per_block=1,
        in_channels=channels,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=16,
        attention_head_dim=4,
        norm_num_groups=2,
        addition_embed_type="text_time",
        addition_time_embed_dim=4,
        projection_class_embeddings_input_dim=6 * 4 + 8,
    )


def second_clip(part):
    from transformers import CLIPTextModelWithProjection

    plain = clip_text()
    return {
        f"text_encoder{part}": CLIPTextModelWithProjection(plain["text_encoder"].config),
        f"tokenizer{part}": plain["tokenizer"],
    }


def xl():
    from diffusers import EulerDiscreteScheduler

    return (
        clip_text()
        | second_clip("_2")
        | {"vae": plain_vae(), "unet": unet_xl(4), "scheduler": EulerDiscreteScheduler()}
    )


def sd3():
    from diffusers import SD3Transformer2DModel
    from transformers import T5Config, T5EncoderModel, T5Tokenizer

    pieces = ["<pad>", "</s>", "<unk>", "\u2581", *"abcdefghijklmnopqrstuvwxyz"]
    transformer = SD3Transformer2DModel(
        sample_size=32,
        patch_size=2,
        in_channels=16,
        num_layers=1,
        attention_head_dim=8,
        num_attention_heads=2,
        joint_attention_dim=16,
        caption_projection_dim=16,
        pooled_projection_dim=16,
        out_channels=16,
        pos_embed_max_size=32,
    )
    return (
        second_clip("")
        | second_clip("_2")
        | {
            "text_encoder_3": T5EncoderModel(
                T5Config(vocab_size=40, d_model=16, d_kv=4, d_ff=8, num_layers=1, num_heads=2)
            ),
            "tokenizer_3": T5Tokenizer(vocab=[(piece, -1.0) for piece in pieces], extra_ids=0),
            "vae": plain_vae(use_quant_conv=False, use_post_quant_conv=False, shift_factor=0.1, latent_channels=16),
            "transformer": transformer,
            "scheduler": flow(),
        }
    )


MAKERS = {
    "Flux2KleinPipeline": flux2_klein,
    "Flux2Pipeline": flux2_large,
    "FluxKontextPipeline": kontext,
    "QwenImageEditPipeline": qwen,
    "QwenImageEditPlusPipeline": qwen,
    "DreamLitePipeline": dreamlite,
    "DreamLiteMobilePipeline": dreamlite,
    "StableDiffusionInstructPix2PixPipeline": pix2pix,
    "StableDiffusionXLInstructPix2PixPipeline": pix2pix_xl,
    "StableDiffusionXLPipeline": xl,
    "StableDiffusion3Pipeline": sd3,
}


def saved(folder, name):
    """The pipeline as its authors would publish it; their processors are named as they are there."""
    torch.manual_seed(0)
    index = {"_class_name": name, "_diffusers_version": "0.42.1"}
    if name == "Flux2KleinPipeline":
        index["is_distilled"] = True
    if name == "StableDiffusionInstructPix2PixPipeline":
        index["safety_checker"] = ["stable_diffusion", "StableDiffusionSafetyChecker"]
        index["feature_extractor"] = [None, None]
    for part, value in MAKERS[name]().items():
        for one in value if isinstance(value, tuple) else (value,):
            one.save_pretrained(folder / part)
        sees = "Qwen3VLProcessor" if name.startswith("DreamLite") else "Qwen2VLProcessor"
        kind = sees if isinstance(value, tuple) else type(value).__name__
        index[part] = ["diffusers" if type(value).__module__.startswith("diffusers") else "transformers", kind]
    if name == "Flux2Pipeline":
        index["tokenizer"] = ["transformers", "PixtralProcessor"]
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    made = {}

    def one(name):
        if name not in made:
            made[name] = saved(tmp_path_factory.mktemp(name), name)
        return made[name]

    return one


@pytest.fixture
def smaller(monkeypatch):
    """Qwen's megapixel would take the tests' time: the same at a hundredth of it."""
    from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit as one
    from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit_plus as plus

    usual = one.calculate_dimensions
    monkeypatch.setattr(one, "calculate_dimensions", lambda area, ratio: usual(128 * 128, ratio))
    monkeypatch.setattr(plus, "VAE_IMAGE_SIZE", 128 * 128)
    monkeypatch.setattr(plus, "CONDITION_IMAGE_SIZE", 64 * 64)
    monkeypatch.setattr(pipelines, "MEGAPIXEL", 128 * 128)


def options(folder, **more):
    return ModelOptions(weights=str(folder), device="cpu", **more)


@pytest.mark.parametrize("name", SUPPORTED)
def test_every_class_runs(name, folders, smaller):
    piped = open_pipeline(options(folders(name)))
    picture = np.ascontiguousarray(data.astronaut()[:90, 100:210])
    words = "make it night"
    first = piped.run(PipelineRequest([picture], words, 3, 1, 2.0))
    assert first.shape == picture.shape and first.dtype == np.uint8 and first.std() > 0
    assert np.array_equal(first, piped.run(PipelineRequest([picture], words, 3, 1, 2.0)))
    assert not np.array_equal(first, piped.run(PipelineRequest([picture], words, 4, 1, 2.0)))
    assert piped.rebuild(picture).shape == picture.shape
    if piped.several > 1:
        other = data.coffee()[:50, :300]
        assert not np.array_equal(first, piped.run(PipelineRequest([picture, other], words, 3, 1, 2.0)))
    with pytest.raises(InvalidOption, match=f"takes 1 to {piped.several}"):
        piped.run(PipelineRequest([picture] * (piped.several + 1), words, 3, 1, 2.0))
    assert any(key.startswith("vae/") for key in piped.digests) and all(len(d) == 64 for d in piped.digests.values())


def test_sizes_are_not_distorted():
    assert pipelines._size(768, 1024, 16, False) == (768, 1024)
    assert pipelines._size(40, 100, 16, False) == (64, 160)
    tall, wide = pipelines._size(3000, 1500, 16, False)
    assert tall % 16 == wide % 16 == 0 and 0.9 * 2**20 < tall * wide <= 2**20
    assert pipelines._size(512, 512, 32, True) == (1024, 1024)


def edited_index(tmp_path, folder, **rows):
    index = json.loads((folder / "model_index.json").read_text())
    for part in (p for p in folder.iterdir() if p.is_dir()):
        (tmp_path / part.name).symlink_to(part)
    (tmp_path / "model_index.json").write_text(json.dumps(index | rows))
    return tmp_path


@pytest.mark.parametrize("name", ["StableDiffusionXLPipeline", ["my_pipeline", "Mine"]])
def test_other_classes_are_refused(name, tmp_path):
    (tmp_path / "model_index.json").write_text(json.dumps({"_class_name": name}))
    with pytest.raises(InvalidOption, match="Flux2KleinPipeline"):
        open_pipeline(options(tmp_path))


def test_code_beside_the_weights_is_refused(folders, tmp_path):
    where = edited_index(tmp_path, folders("StableDiffusionInstructPix2PixPipeline"), unet=["my_unet", "MyUNet"])
    with pytest.raises(InvalidOption, match="my_unet"):
        open_pipeline(options(where))


def test_pickle_is_refused(folders, tmp_path):
    where = edited_index(tmp_path, folders("StableDiffusionInstructPix2PixPipeline"))
    (where / "unet").unlink()
    (where / "unet").mkdir()
    (where / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"\x80\x04N.")
    with pytest.raises(WeightsCorrupt, match="pickle"):
        open_pipeline(options(where))


def test_what_is_missing_is_named(folders, tmp_path, monkeypatch):
    folder = folders("StableDiffusionInstructPix2PixPipeline")
    with pytest.raises(WeightsMissing):
        open_pipeline(options(tmp_path))
    with pytest.raises(InvalidOption, match="take no experts"):
        open_pipeline(options(folder, experts="x"))
    with pytest.raises(InvalidOption, match="device"):
        open_pipeline(ModelOptions(weights=str(folder), device="cuda:97"))
    monkeypatch.setattr(
        "pixwright.extras.find_spec", lambda name: None if name in ("peft", "torchao", "accelerate") else name
    )
    for more, name in (
        ({"lora": "a.safetensors"}, "peft"),
        ({"quantised": "int8"}, "torchao"),
        ({"offload": True}, "accelerate"),
    ):
        with pytest.raises(MissingExtra, match=f"pip install {name}"):
            open_pipeline(options(folder, **more))


def test_numbers_that_overflow_are_told():
    lost = torch.full((3, 8, 8), float("nan"))
    picture = np.zeros((8, 8, 3), np.uint8)
    with pytest.raises(InvalidOption, match="bfloat16"):
        pipelines._back(lost, picture, picture)


def test_steps_are_told_and_what_is_raised_ends_the_run(folders):
    piped = open_pipeline(options(folders("StableDiffusionInstructPix2PixPipeline")))
    picture, seen = np.ascontiguousarray(data.astronaut()[:64, 100:164]), []
    asked = PipelineRequest([picture], "make it night", 3, 3, 2.0, watch=lambda done, of: seen.append((done, of)))
    piped.run(asked)
    assert seen == [(1, 3), (2, 3), (3, 3)]

    def stop(done, of):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        piped.run(PipelineRequest([picture], "make it night", 3, 3, 2.0, watch=stop))


@pytest.mark.parametrize("name", ["DreamLitePipeline", "DreamLiteMobilePipeline"])
def test_steps_of_a_pipeline_that_does_not_call_back_are_told_and_can_be_ended(name, folders):
    piped = open_pipeline(options(folders(name)))
    picture, seen = np.ascontiguousarray(data.astronaut()[:64, 100:164]), []

    def watch(done, of):
        seen.append((done, of))
        if done == 2 and len(seen) > 3:
            raise KeyboardInterrupt

    asked = PipelineRequest([picture], "make it night", 3, 3, 2.0, watch=watch)
    piped.run(asked)
    assert seen == [(1, 3), (2, 3), (3, 3)]
    with pytest.raises(KeyboardInterrupt):
        piped.run(asked)
    assert seen[3:] == [(1, 3), (2, 3)], "nothing is told twice by what an ended run left behind"


@pytest.mark.parametrize("name", ["QwenImageEditPlusPipeline", "DreamLitePipeline"])
def test_a_language_model_counts_a_pictures_tokens_in_two_dimensions(name, folders, smaller):
    from pixwright.models.families import FAMILIES

    where = folders(name)
    reads = FAMILIES[name].made_here(where)["processor"]
    kind = MAKERS[name]()["text_encoder"].__class__
    plain, marked = (kind.from_pretrained(where / "text_encoder").eval() for _ in range(2))
    pipelines._with_picture_marks(marked)
    seen = reads([f"{MARKS[2]}{MARKS[4]}{MARKS[3]} night"], [data.astronaut()[:64, :128]], True, "pt")
    told = (seen["input_ids"] == plain.config.image_token_id).long()
    assert told.sum() > 1
    with torch.inference_mode():
        right = plain(**seen, mm_token_type_ids=told, output_hidden_states=True).hidden_states[-1]
        assert torch.equal(marked(**seen, output_hidden_states=True).hidden_states[-1], right)
        if name.startswith("Qwen"):  # Qwen3-VL refuses; this one goes on, and is wrong
            assert not torch.allclose(plain(**seen, output_hidden_states=True).hidden_states[-1], right)


def test_what_shall_not_be_there_changes_the_picture_or_is_refused(folders):
    piped = open_pipeline(options(folders("StableDiffusionInstructPix2PixPipeline")))
    picture = np.ascontiguousarray(data.astronaut()[:64, 100:164])
    plain, away = (piped.run(PipelineRequest([picture], "make it night", 3, 2, 9.0, words)) for words in ("", "fog"))
    assert not np.array_equal(plain, away)
    klein = open_pipeline(options(folders("Flux2KleinPipeline")))
    with pytest.raises(InvalidOption, match="Flux2KleinPipeline takes no such words"):
        klein.run(PipelineRequest([picture], "make it night", 3, 1, 1.0, "fog"))


def test_a_language_model_without_its_chat_template_is_named_when_it_is_opened(folders, tmp_path):
    where = edited_index(tmp_path, folders("Flux2KleinPipeline"))
    whole = where / "tokenizer"
    names = {one.name: one.read_bytes() for one in whole.iterdir()}
    assert "chat_template.jinja" in names
    whole.unlink()
    whole.mkdir()
    for name, held in names.items():
        if name != "chat_template.jinja":
            (whole / name).write_bytes(held)
    with pytest.raises(WeightsMissing, match=r"chat_template\.jinja.*models pull"):
        open_pipeline(options(where))


def test_published_language_models_are_pulled_with_their_chat_template():
    from pixwright.weights.registry import packaged

    assert all("*.jinja" in packaged()[name].patterns for name in ("flux2-klein-4b", "qwen-image-edit-2511"))


@pytest.mark.parametrize("name", ["StableDiffusionXLPipeline", "StableDiffusion3Pipeline"])
def test_text_to_picture_networks_paint_inside_a_mask(name, folders):
    piped = open_painter(options(folders(name)), 0.9)
    assert piped.masked and piped.name == name
    picture = np.ascontiguousarray(data.astronaut()[:64, 100:164])
    mask = np.zeros((64, 64), np.uint8)
    mask[16:48, 16:48] = 255
    seen = []
    asked = PipelineRequest(
        [picture], "a red cat", 3, 4, 3.0, "fog", mask, watch=lambda done, of: seen.append((done, of))
    )
    first = piped.run(asked)
    assert first.shape == picture.shape and seen[-1][0] == seen[-1][1] > 2
    assert np.array_equal(first, piped.run(asked))
    known = piped.rebuild(picture)
    outside, inside = (np.abs(first.astype(int) - known)[mask == value].mean() for value in (0, 255))
    assert outside < inside, "what lies outside of the mask is the picture's"


def test_a_denoiser_comes_from_a_gguf_file(folders, tmp_path):
    gguf = pytest.importorskip("gguf")
    pytest.importorskip("accelerate")
    folder = folders("Flux2KleinPipeline")
    from safetensors.torch import load_file

    file = tmp_path / "klein.gguf"
    writer = gguf.GGUFWriter(str(file), "flux2")
    for key, value in load_file(folder / "transformer" / "diffusion_pytorch_model.safetensors").items():
        writer.add_tensor(key, value.float().numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    picture = np.ascontiguousarray(data.astronaut()[:64, 100:164])
    asked = PipelineRequest([picture], "make it night", 3, 1, 1.0)
    plain, other = open_pipeline(options(folder)).run(asked), open_pipeline(options(folder), str(file)).run(asked)
    assert np.abs(plain.astype(int) - other).max() <= 2
    with pytest.raises(InvalidOption, match=r"no \.gguf file"):
        open_pipeline(options(folder), str(folder / "x.safetensors"))
