"""The networks that a run begins with, mini and published as one value."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption
from pixwright.models.files import NetworkFiles, read_part, save_part
from pixwright.models.open import open_model
from pixwright.models.options import ModelOptions, options_from
from pixwright.nn.network import Autoencoder, UNet
from pixwright.nn.packing import unpack
from pixwright.nn.sampling import Schedule
from pixwright.nn.shapes import Shape, shape
from pixwright.systems.reasonpix2pix import reader_for
from pixwright.train.config import UNREAD, Run
from pixwright.train.readers import Readers, mini_readers, readers_of, states_readers
from pixwright.weights import store
from pixwright.weights.store import digest


@dataclass(frozen=True, eq=False)
class Networks:
    """What training needs besides examples."""

    unet: UNet
    """To be trained, or frozen in stage 2; float32."""
    autoencoder: Autoencoder
    """Frozen."""
    digest: str
    """Of the autoencoder: latents that another one made are of no use."""
    schedule: Schedule
    readers: Readers
    keep: Callable[[Path], None]
    """Write what is not trained beside what is, so that the folder can be used as it is."""
    export_unet: Callable[[Path, dict[str, Any]], None]
    digests: Mapping[str, str] = field(default_factory=dict)
    """sha256 of the denoiser that the run begins with, where it is one of our own files."""


def networks_for(run: Run, folder: Path, device: torch.device) -> Networks:
    """The mini networks from a folder of weights, or published ones from `run.start`. Raises as `models.open_model`, and InvalidOption."""
    networks = _mini(run, folder, device) if run.shape == "mini" else _published(run, device)
    if run.kind not in ("reason", "connector") or run.reader == UNREAD:
        return networks
    reader = reader_for(run.reader, Encoders(), str(device))
    return replace(networks, readers=states_readers(reader, networks.readers))


def _mini(run: Run, folder: Path, device: torch.device) -> Networks:
    begin = _beginning(run, folder)
    path = begin["autoencoder"]
    coder = read_part(path)
    autoencoder = Shape({}, coder.shape, {}).make_autoencoder()
    _fill(autoencoder, coder)
    torch.manual_seed(run.seed)
    settings: Mapping[str, Any] = shape(run.shape).unet
    unet = shape(run.shape).make_unet()
    schedule = Schedule(prediction=run.objective.prediction)
    denoiser: NetworkFiles | None = None
    if run.start or run.objective.stage == 2:
        denoiser = read_part(begin["denoiser"])
        settings, schedule = denoiser.shape, denoiser.schedule or schedule
        unet = Shape(settings, {}, {}).make_unet()
        _fill(unet, denoiser)

    def keep(target: Path) -> None:
        for name, part in (("autoencoder", coder), ("denoiser", denoiser)):
            file = target / f"{name}.safetensors"
            if part is not None and not file.exists():
                save_part(file, part.state, part.shape, part.schedule, part.side, part.recipe)

    def export(target: Path, recipe: dict[str, Any]) -> None:
        save_part(target / "denoiser.safetensors", unet.state_dict(), settings, schedule, run.side, recipe)

    start = digest(path)
    # On a processor bfloat16 group norms are five times as slow in channels_last.
    layout = torch.contiguous_format if device.type == "cpu" else torch.channels_last
    return Networks(
        unet.to(device, memory_format=layout),
        autoencoder.to(device, memory_format=torch.channels_last).requires_grad_(False),
        start,
        schedule,
        mini_readers(),
        keep,
        export,
        {"denoiser": digest(begin["denoiser"])} if denoiser is not None else {},
    )


def _beginning(run: Run, folder: Path) -> dict[str, Path]:
    """The files of the weights that a mini run begins with: the packaged ones, or those of a folder."""
    if run.start == "mini":
        return {part: store.path(f"mini-{part}") for part in ("autoencoder", "denoiser")}
    begin = Path(run.start) if run.start else folder
    return {part: begin / f"{part}.safetensors" for part in ("autoencoder", "denoiser")}


def _published(run: Run, device: torch.device) -> Networks:
    if not run.start:
        raise InvalidOption(f"{run.name} fine-tunes published weights; give their folder with --start")
    options = options_from(ModelOptions, {"weights": run.start, "device": str(device), "dtype": "float32"})
    model = open_model(options, Encoders())
    unet = model.unet
    unpack(unet)  # what is trained needs its plain weights
    if not model.edits:
        widen(unet)

    def export(target: Path, recipe: dict[str, Any]) -> None:
        # diffusers' layout: beside the base model's other folders it is a model of its own.
        unet.save_config(str(target / "unet"))
        path = target / "unet" / "diffusion_pytorch_model.safetensors"
        save_part(path, unet.state_dict(), dict(unet.config), model.schedule, run.side, recipe, dtype="float32")

    start = model.digests.get("vae") or hashlib.sha256(run.start.encode()).hexdigest()
    return Networks(
        unet,
        model.autoencoder.requires_grad_(False),
        start,
        model.schedule,
        readers_of(model),
        lambda target: None,
        export,
    )


def widen(unet: UNet) -> None:
    """Let a text-to-picture network see a picture too: four more input channels whose weights are zero (InstructPix2Pix, section 3.2)."""
    old = unet.conv_in
    new = torch.nn.Conv2d(2 * old.in_channels, old.out_channels, old.kernel_size, old.stride, old.padding)
    new = new.to(old.weight)
    with torch.no_grad():
        new.weight.zero_()
        new.weight[:, : old.in_channels].copy_(old.weight)
        if new.bias is not None:
            new.bias.copy_(old.bias)
    unet.conv_in = new
    unet.register_to_config(in_channels=new.in_channels)


def _fill(network: Any, part: NetworkFiles) -> None:
    network.load_state_dict({name: value.float() for name, value in part.state.items()})
