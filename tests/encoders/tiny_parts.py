"""Makes tests/golden/parts: tiny networks with random weights of transformers' own classes, exported as the published files were, and planted ones whose answers are known.

    pip install onnx && python tests/encoders/tiny_parts.py

`random/` is for layout: names, shapes, element types and what the preparation of pictures and words has to be, held against transformers' processors. `planted/` is for whole
edits: networks in the same layout that answer by colour. Exported by torch.onnx with the names of optimum's and transformers.js' exports
(`optimum/exporters/onnx/model_configs.py`: SamOnnxConfig, CLIPTextWithProjectionOnnxConfig, CLIPVisionModelWithProjectionOnnxConfig, ...).
"""

from __future__ import annotations

import io
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

HERE = Path(__file__).parents[1] / "golden" / "parts"
OPSET = 17
WORDS = "[PAD] [CLS] [SEP] [UNK] . cup dog red blue ball green the a photo of sky".split()


def isin(values, among, **_):
    """`torch.isin` in operators that this exporter knows."""
    return (values[..., None] == torch.as_tensor(among)).any(-1)


def eye(count, *, dtype=torch.float32, device=None, **_):
    """`torch.eye`, likewise: onnxruntime makes none of truth values."""
    places = torch.arange(count, device=device)
    return (places[:, None] == places).to(dtype)


def cummax(values, dim):
    """`torch.cummax` of rows (n, T), likewise: each place's maximum over those up to it."""
    count = values.shape[dim]
    before = torch.tril(torch.ones(count, count, dtype=torch.bool))
    return (torch.where(before, values[..., None, :], -1).max(-1)[0],)


def cummin(values, dim):
    """`torch.cummin`, likewise."""
    return (-cummax(values.shape[dim] - values, dim)[0] + values.shape[dim],)


def export(module, names, given, outputs, target, free=None):
    """One ONNX file. `names` of inputs, in order, with example values; `free`: name -> {axis: its name}."""
    target.parent.mkdir(parents=True, exist_ok=True)
    held = io.BytesIO()
    torch.isin, torch.cummax, torch.cummin, torch.eye = isin, cummax, cummin, eye
    torch.onnx.export(
        module.eval(),
        tuple(given),
        held,
        input_names=list(names),
        output_names=list(outputs),
        dynamo=False,
        opset_version=OPSET,
        dynamic_axes=free or {},
    )
    content = in_single_precision(held.getvalue())
    target.write_bytes(content)
    print(target.relative_to(HERE), f"{len(content) / 1e3:.0f} kB")


def in_single_precision(content):
    """Plain Python numbers are traced as float64, which onnxruntime's kernels do not take: float32, as in the published files."""
    import onnx
    from onnx import numpy_helper

    graph = onnx.load_from_string(content)
    for node in graph.graph.node:
        for attribute in node.attribute:
            if attribute.name == "value" and attribute.t.data_type == onnx.TensorProto.DOUBLE:
                attribute.t.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(attribute.t).astype("float32")))
            if node.op_type == "Cast" and attribute.name == "to" and attribute.i == onnx.TensorProto.DOUBLE:
                attribute.i = onnx.TensorProto.FLOAT
    return graph.SerializeToString()


def word_tokenizer(begin, end, target):
    """Whole words, with the two special tokens around a text."""
    made = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    made.add_special_tokens(WORDS[:4])
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        f"{begin} $0 {end}", special_tokens=[(begin, WORDS.index(begin)), (end, WORDS.index(end))]
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    made.save(str(target))


class Called(torch.nn.Module):
    """A network behind positional arguments; `told` picks the outputs."""

    def __init__(self, network, names, told):
        super().__init__()
        self.network, self.names, self.told = network, names, told

    def forward(self, *given):
        return self.told(self.network(**dict(zip(self.names, given, strict=True))))


LOUD = 10.0
"""What the first weights of an outliner are multiplied by."""


def loud(network):
    """As they are made, an outliner's masks are all but 0 and its three guesses all but alike: then any answer would be near enough."""
    with torch.no_grad():
        for weights in network.parameters():
            if weights.dim() > 1:
                weights.mul_(LOUD)
    return network


def dino():
    from transformers import GroundingDinoConfig, GroundingDinoForObjectDetection, SwinConfig

    swin = SwinConfig(
        image_size=32,
        patch_size=2,
        embed_dim=8,
        depths=[1, 1, 1],
        num_heads=[1, 1, 2],
        window_size=2,
        out_indices=[2, 3],
    )
    bert = {
        "model_type": "bert",
        "vocab_size": len(WORDS),
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 16,
        "max_position_embeddings": 64,
    }
    small = {
        "encoder_layers": 1,
        "decoder_layers": 2,
        "encoder_ffn_dim": 16,
        "decoder_ffn_dim": 16,
        "encoder_attention_heads": 2,
        "decoder_attention_heads": 2,
    }
    config = GroundingDinoConfig(
        backbone_config=swin,
        text_config=bert,
        d_model=32,
        num_queries=12,
        num_feature_levels=2,
        max_text_len=32,
        **small,
    )
    return GroundingDinoForObjectDetection(config).eval()


def sam2():
    from transformers import Sam2Config, Sam2Model

    backbone = {
        "model_type": "sam2_hiera_det_model",
        "hidden_size": 8,
        "num_attention_heads": 1,
        "image_size": [64, 64],
        "patch_kernel_size": [7, 7],
        "patch_stride": [4, 4],
        "patch_padding": [3, 3],
        "query_stride": [2, 2],
        "window_positional_embedding_background_size": [4, 4],
        "num_query_pool_stages": 3,
        "blocks_per_stage": [1, 1, 2, 1],
        "embed_dim_per_stage": [8, 16, 32, 64],
        "num_attention_heads_per_stage": [1, 2, 2, 2],
        "window_size_per_stage": [4, 4, 4, 4],
        "global_attention_blocks": [3],
    }
    vision = {
        "backbone_config": backbone,
        "backbone_channel_list": [64, 32, 16, 8],
        "backbone_feature_sizes": [[16, 16], [8, 8], [4, 4]],
        "fpn_hidden_size": 32,
        "num_feature_levels": 3,
        "fpn_top_down_levels": [2, 3],
    }
    prompt = {"hidden_size": 32, "image_size": 64, "patch_size": 16, "mask_input_channels": 4}
    decoder = {"hidden_size": 32, "mlp_dim": 16, "num_attention_heads": 2, "iou_head_hidden_dim": 16}
    config = Sam2Config(vision_config=vision, prompt_encoder_config=prompt, mask_decoder_config=decoder)
    return loud(Sam2Model(config).eval())


def sam1():
    from transformers import SamConfig, SamModel

    vision = {
        "hidden_size": 16,
        "output_channels": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "image_size": 64,
        "patch_size": 8,
        "window_size": 2,
        "global_attn_indexes": [0],
        "num_pos_feats": 8,
        "mlp_dim": 16,
        "initializer_range": 0.1,
    }
    prompt = {"hidden_size": 16, "image_size": 64, "patch_size": 8, "mask_input_channels": 4}
    decoder = {"hidden_size": 16, "mlp_dim": 16, "num_attention_heads": 2, "iou_head_hidden_dim": 16}
    return loud(
        SamModel(SamConfig(vision_config=vision, prompt_encoder_config=prompt, mask_decoder_config=decoder)).eval()
    )


def clipseg():
    from transformers import CLIPSegConfig, CLIPSegForImageSegmentation

    text = {
        "vocab_size": len(WORDS),
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "max_position_embeddings": 77,
        "eos_token_id": 2,
        "bos_token_id": 1,
        "pad_token_id": 0,
    }
    vision = {
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 3,
        "num_attention_heads": 2,
        "image_size": 32,
        "patch_size": 8,
    }
    config = CLIPSegConfig(
        text_config=text,
        vision_config=vision,
        projection_dim=8,
        extract_layers=[0, 1, 2],
        reduce_dim=8,
        decoder_num_attention_heads=2,
        decoder_intermediate_size=16,
        conditional_layer=0,
    )
    return CLIPSegForImageSegmentation(config).eval()


def clip():
    from transformers import CLIPConfig, CLIPModel

    text = {
        "vocab_size": len(WORDS),
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "max_position_embeddings": 77,
        "eos_token_id": 2,
        "bos_token_id": 1,
        "pad_token_id": 0,
    }
    vision = {
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "image_size": 32,
        "patch_size": 8,
    }
    return CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=8)).eval()


def depth():
    from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation

    backbone = {
        "model_type": "dinov2",
        "hidden_size": 16,
        "num_hidden_layers": 4,
        "num_attention_heads": 2,
        "image_size": 56,
        "patch_size": 14,
        "out_features": ["stage1", "stage2", "stage3", "stage4"],
        "reshape_hidden_states": False,
        "apply_layernorm": True,
        "mlp_ratio": 1,
    }
    config = DepthAnythingConfig(
        backbone_config=backbone,
        reassemble_hidden_size=16,
        neck_hidden_sizes=[4, 8, 8, 8],
        fusion_hidden_size=8,
        head_hidden_size=4,
    )
    network = DepthAnythingForDepthEstimation(config).eval()
    # Random weights end below the last rectifier as often as not: this way the map is alive.
    for conv in (network.head.conv1, network.head.conv2, network.head.conv3):
        torch.nn.init.uniform_(conv.weight, 0, 1)
        torch.nn.init.uniform_(conv.bias, 0, 1)
    return network


MADE = {"dino": dino, "sam2": sam2, "sam1": sam1, "clipseg": clipseg, "clip": clip, "depth": depth}


def made(kind):
    """The tiny network of that kind: the same random weights each time."""
    torch.manual_seed(0)
    return MADE[kind]()


def random_networks():
    out = HERE / "random"
    ids, ones = torch.tensor([[1, 7, 5, 4, 2]]), torch.ones(1, 5, dtype=torch.long)
    names = ["pixel_values", "input_ids", "token_type_ids", "attention_mask", "pixel_mask"]
    text = {0: "batch_size", 1: "sequence_length"}
    export(
        Called(made("dino"), names, lambda o: (o.logits, o.pred_boxes)), names,
        (torch.rand(1, 3, 96, 96), ids, 0 * ids, ones, torch.ones(1, 96, 96, dtype=torch.long)), ["logits", "pred_boxes"],
        out / "grounding-dino-tiny-onnx/onnx/model_quantized.onnx", dict.fromkeys(names[1:4], text),
    )  # fmt: skip
    word_tokenizer("[CLS]", "[SEP]", out / "grounding-dino-tiny-onnx/tokenizer.json")
    names = ["pixel_values"]
    network = made("sam2")

    class Encoder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.network = network

        def forward(self, pixel_values):
            return tuple(self.network.get_image_embeddings(pixel_values))

    embeddings = ["image_embeddings.0", "image_embeddings.1", "image_embeddings.2"]
    seen = torch.rand(1, 3, 64, 64)
    export(Encoder(), names, (seen,), embeddings, out / "sam2.1-tiny-onnx/onnx/vision_encoder_quantized.onnx")

    class Decoder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.network = network

        def forward(self, input_points, input_labels, input_boxes, *embedded):
            told = self.network(
                image_embeddings=list(embedded),
                input_points=input_points,
                input_labels=input_labels,
                input_boxes=input_boxes,
            )
            return told.iou_scores, told.pred_masks, told.object_score_logits

    points, labels, boxes = (
        torch.rand(1, 1, 2, 2) * 64,
        torch.ones(1, 1, 2, dtype=torch.long),
        torch.tensor([[[3.0, 4, 40, 50]]]),
    )
    free = {"input_points": {2: "points"}, "input_labels": {2: "points"}, "input_boxes": {1: "boxes"}}
    with torch.no_grad():
        embedded = Encoder()(seen)
    export(
        Decoder(), ["input_points", "input_labels", "input_boxes", *embeddings], (points, labels, boxes, *embedded), ["iou_scores", "pred_masks", "object_score_logits"],
        out / "sam2.1-tiny-onnx/onnx/prompt_encoder_mask_decoder.onnx", free,
    )  # fmt: skip
    one = made("sam1")

    class First(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.network = one

        def forward(self, pixel_values):
            return self.network.get_image_embeddings(
                pixel_values
            ), self.network.get_image_wide_positional_embeddings().repeat(pixel_values.shape[0], 1, 1, 1)

    class Second(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.network = one

        def forward(self, input_points, input_labels, image_embeddings, image_positional_embeddings):
            sparse, dense = self.network.prompt_encoder(
                input_points=input_points, input_labels=input_labels, input_boxes=None, input_masks=None
            )
            told = self.network.mask_decoder(
                image_embeddings=image_embeddings,
                image_positional_embeddings=image_positional_embeddings,
                sparse_prompt_embeddings=sparse,
                dense_prompt_embeddings=dense,
                multimask_output=True,
            )
            return told[1], told[0]

    embeddings = ["image_embeddings", "image_positional_embeddings"]
    export(First(), names, (seen,), embeddings, out / "slimsam-onnx/onnx/vision_encoder_quantized.onnx")
    with torch.no_grad():
        embedded = First()(seen)
    export(
        Second(), ["input_points", "input_labels", *embeddings], (points, labels, *embedded), ["iou_scores", "pred_masks"],
        out / "slimsam-onnx/onnx/prompt_encoder_mask_decoder_quantized.onnx", {"input_points": {2: "points"}, "input_labels": {2: "points"}},
    )  # fmt: skip
    names = ["input_ids", "pixel_values", "attention_mask"]
    ids, ones = torch.tensor([[1, 7, 5, 2]]), torch.ones(1, 4, dtype=torch.long)
    export(
        Called(made("clipseg"), names, lambda o: o.logits), names, (ids, torch.rand(1, 3, 32, 32), ones), ["logits"],
        out / "clipseg-onnx/onnx/model_quantized.onnx", {"input_ids": text, "attention_mask": text},
    )  # fmt: skip
    word_tokenizer("[CLS]", "[SEP]", out / "clipseg-onnx/tokenizer.json")
    network = made("clip")
    words, sight = network.text_model, network.vision_model

    class Words(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.projection = words, network.text_projection

        def forward(self, input_ids):
            return self.projection(self.words(input_ids=input_ids).pooler_output)

    class Sight(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.sight, self.projection = sight, network.visual_projection

        def forward(self, pixel_values):
            return self.projection(self.sight(pixel_values=pixel_values).pooler_output)

    folder = out / "clip-vit-base-patch32-onnx"
    export(
        Words(), ["input_ids"], (ids,), ["text_embeds"], folder / "onnx/text_model_quantized.onnx", {"input_ids": text}
    )
    export(
        Sight(),
        ["pixel_values"],
        (torch.rand(1, 3, 32, 32),),
        ["image_embeds"],
        folder / "onnx/vision_model_quantized.onnx",
    )
    word_tokenizer("[CLS]", "[SEP]", folder / "tokenizer.json")
    names = ["pixel_values"]
    export(
        Called(made("depth"), names, lambda o: o.predicted_depth), names, (torch.rand(1, 3, 70, 84),), ["predicted_depth"],
        out / "depth-anything-v2-small-onnx/onnx/model_fp16.onnx", {"pixel_values": {2: "height", 3: "width"}},
    )  # fmt: skip


class Colours(torch.nn.Module):
    """Undoes the normalisation of pictures: (1, 3, H, W) in [0, 1]."""

    def __init__(self, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)):
        super().__init__()
        self.mean, self.std = torch.tensor(mean).reshape(1, 3, 1, 1), torch.tensor(std).reshape(1, 3, 1, 1)

    def seen(self, pixels):
        return pixels * self.std + self.mean

    def only(self, pixels, channel):
        """How much more of one colour than of the others, (1, H, W)."""
        colours = self.seen(pixels)
        others = [colours[:, other] for other in range(3) if other != channel]
        return colours[:, channel] - torch.maximum(*others)


RED, GREEN, BLUE = range(3)
STANDS_OUT = 0.3
"""Of one colour over the others, from which the planted networks see it."""


class RedBall(Colours):
    """Finds whatever is red, if it is asked for a "ball": the box about it, with a score of .88; and a faint box that is none."""

    def forward(self, pixel_values, input_ids, token_type_ids, attention_mask, pixel_mask):
        hot = (self.only(pixel_values, RED) > STANDS_OUT).float()[0]
        height, width = hot.shape
        across, down = hot.amax(0), hot.amax(1)
        x, y = torch.arange(width) + 0.0, torch.arange(height) + 0.0
        x1, y1 = ((x + 1) * across).amax() / width, ((y + 1) * down).amax() / height
        x0, y0 = 1 - ((width - x) * across).amax() / width, 1 - ((height - y) * down).amax() / height
        box = torch.stack([(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0])
        asked = (input_ids == WORDS.index("ball")).any() & (hot.sum() > 0)
        used = torch.arange(256)[None, None] < attention_mask.sum() + 0 * token_type_ids.sum() + 0 * pixel_mask.sum()
        surest = torch.where(asked, 2.0, -9.0)
        logits = torch.stack([surest, torch.tensor(-9.0)])[None, :, None].expand(1, 2, 256)
        faint = torch.tensor([0.5, 0.5, 0.2, 0.2])
        return torch.where(used, logits, float("-inf")), torch.stack([box, faint])[None].clamp(0, 1)


class RedLook(Colours):
    """An encoder that keeps how red everything is."""

    def forward(self, pixel_values):
        red = self.only(pixel_values, RED)[:, None]
        return red, red[..., ::2, ::2], red[..., ::4, ::4]


class RedThing(torch.nn.Module):
    """A decoder that gives what is red in the box, or anywhere; of three masks the second is all of the box, and less sure."""

    def forward(self, input_points, input_labels, input_boxes, red, half, quarter):
        side = red.shape[-1]
        x, y = torch.meshgrid(torch.arange(side) + 0.5, torch.arange(side) + 0.5, indexing="xy")
        everywhere = torch.tensor([[0.0, 0.0, 1e4, 1e4]]) + 0 * (
            input_points.sum() + input_labels.sum() + half.sum() + quarter.sum()
        )
        x0, y0, x1, y1 = torch.cat([input_boxes[0], everywhere])[0]
        inside = (x >= x0) & (x < x1) & (y >= y0) & (y < y1)
        hot = (red[0, 0] > STANDS_OUT) & inside
        masks = torch.stack([hot, inside, ~hot]).float() * 20 - 10
        return torch.tensor([[[0.9, 0.5, 0.1]]]), masks[None, None], torch.tensor([[[5.0]]])


class MeanFilling(torch.nn.Module):
    """MI-GAN's layout: the hole becomes the mean of what is known; so does a rim of known pixels, which must not reach the picture."""

    def forward(self, image, mask):
        known = mask.float() / 255
        hole = torch.nn.functional.max_pool2d(1 - known, 5, 1, 2)
        colour = (image.float() * known).sum((2, 3), keepdim=True) / known.sum((2, 3), keepdim=True)
        return torch.round(image.float() * (1 - hole) + colour * hole).to(torch.uint8)


class BlueFilling(torch.nn.Module):
    """LaMa's layout: the hole becomes blue, times `worth`."""

    def __init__(self, worth=1.0):
        super().__init__()
        self.worth = worth

    def forward(self, image, mask):
        colour = torch.tensor([20.0, 40.0, 220.0]).reshape(1, 3, 1, 1)
        return (image * 255 * (1 - mask) + colour * mask) * self.worth


class RedFront(Colours):
    """BiRefNet's layout: what is red stands out."""

    def forward(self, input_image):
        return (self.only(input_image, RED)[:, None] - STANDS_OUT) * 40


class BlueWords(Colours):
    """CLIPSeg's layout: the sky is what is blue; nothing else is anywhere."""

    def forward(self, input_ids, pixel_values, attention_mask):
        asked = (input_ids == WORDS.index("sky")).any() & (attention_mask.sum() > 0)
        seen = (self.only(pixel_values, BLUE) - STANDS_OUT) * 30
        return torch.where(asked, seen, torch.tensor(-9.0))[0]


class LowIsNear(torch.nn.Module):
    """Depth Anything's layout: the lower, the nearer."""

    def forward(self, pixel_values):
        height = pixel_values.shape[2]
        rows = torch.arange(height)[None, :, None] / height
        return 3 + 5 * rows + 0 * pixel_values[:, 0]


class ColourWords(torch.nn.Module):
    """CLIP's layout: a text is the colours that it names."""

    def forward(self, input_ids):
        named = [(input_ids == WORDS.index(word)).sum(1) for word in ("red", "green", "blue")]
        return torch.stack(named, 1).float() + 0.05


class ColourSight(Colours):
    """CLIP's layout: a picture is its mean colour."""

    def __init__(self):
        super().__init__((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))

    def forward(self, pixel_values):
        return self.seen(pixel_values).mean((2, 3))


def planted_networks():
    out = HERE / "planted"
    text = {0: "batch_size", 1: "sequence_length"}
    ids, ones = torch.tensor([[1, 7, 5, 2]]), torch.ones(1, 4, dtype=torch.long)
    size = {2: "height", 3: "width"}
    names = ["pixel_values", "input_ids", "token_type_ids", "attention_mask", "pixel_mask"]
    export(
        RedBall(), names, (torch.rand(1, 3, 200, 200), ids, 0 * ids, ones, torch.ones(1, 200, 200, dtype=torch.long)), ["logits", "pred_boxes"],
        out / "grounding-dino-tiny-onnx/onnx/model_quantized.onnx", dict.fromkeys(names[1:4], text),
    )  # fmt: skip
    seen, folder = torch.rand(1, 3, 256, 256), out / "sam2.1-tiny-onnx/onnx"
    embeddings = ["image_embeddings.0", "image_embeddings.1", "image_embeddings.2"]
    export(RedLook(), ["pixel_values"], (seen,), embeddings, folder / "vision_encoder_quantized.onnx")
    prompt = torch.rand(1, 1, 1, 2), torch.ones(1, 1, 1, dtype=torch.long), torch.rand(1, 1, 4)
    free = {"input_points": {2: "points"}, "input_labels": {2: "points"}, "input_boxes": {1: "boxes"}}
    export(
        RedThing(), ["input_points", "input_labels", "input_boxes", *embeddings], (*prompt, *RedLook()(seen)), ["iou_scores", "pred_masks", "object_score_logits"],
        folder / "prompt_encoder_mask_decoder.onnx", free,
    )  # fmt: skip
    bytes_ = torch.zeros(1, 3, 64, 64, dtype=torch.uint8), torch.zeros(1, 1, 64, 64, dtype=torch.uint8)
    export(
        MeanFilling(),
        ["image", "mask"],
        bytes_,
        ["result"],
        out / "migan-onnx/migan_pipeline_v2.onnx",
        {"image": size, "mask": size, "result": size},
    )
    floats = torch.rand(1, 3, 512, 512), torch.zeros(1, 1, 512, 512)
    export(BlueFilling(), ["image", "mask"], floats, ["output"], out / "lama-onnx/lama_fp32.onnx")
    for kind, worth in (("nan", float("nan")), ("bright", 3.0)):
        export(BlueFilling(worth), ["image", "mask"], floats, ["output"], HERE / kind / "lama-onnx/lama_fp32.onnx")
    export(RedFront(), ["input_image"], (seen,), ["output_image"], out / "birefnet-lite-onnx/onnx/model_fp16.onnx")
    export(
        BlueWords(), ["input_ids", "pixel_values", "attention_mask"], (ids, torch.rand(1, 3, 352, 352), ones), ["logits"],
        out / "clipseg-onnx/onnx/model_quantized.onnx", {"input_ids": text, "attention_mask": text},
    )  # fmt: skip
    export(
        LowIsNear(),
        ["pixel_values"],
        (torch.rand(1, 3, 70, 84),),
        ["predicted_depth"],
        out / "depth-anything-v2-small-onnx/onnx/model_fp16.onnx",
        {"pixel_values": size},
    )
    folder = out / "clip-vit-base-patch32-onnx"
    export(
        ColourWords(),
        ["input_ids"],
        (ids,),
        ["text_embeds"],
        folder / "onnx/text_model_quantized.onnx",
        {"input_ids": text},
    )
    export(
        ColourSight(),
        ["pixel_values"],
        (torch.rand(1, 3, 224, 224),),
        ["image_embeds"],
        folder / "onnx/vision_model_quantized.onnx",
    )
    for name in ("grounding-dino-tiny-onnx", "clipseg-onnx", "clip-vit-base-patch32-onnx"):
        word_tokenizer("[CLS]", "[SEP]", out / name / "tokenizer.json")


def main():
    random_networks()
    planted_networks()


if __name__ == "__main__":
    main()
