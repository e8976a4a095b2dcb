"""LPIPS against torch's own modules with the same weights; the stand-in's properties."""

import numpy as np
import pytest
from evaluate_samples import drawn, lpips_tensors, noisy, write_tensors
from skimage import data

from pixwright.errors import InvalidImage, WeightsCorrupt, WeightsMissing
from pixwright.evaluate.metrics.backbones import Backbones

torch = pytest.importorskip("torch")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    where = tmp_path_factory.mktemp("lpips")
    write_tensors(where / "lpips-alex.safetensors", lpips_tensors())
    return where


def by_hand(a, b):
    """Zhang et al. 2018, equation 1, with torch's modules laid out as torchvision's AlexNet."""
    nn = torch.nn
    weights = {name: torch.from_numpy(v) for name, v in lpips_tensors().items()}
    net = nn.Sequential(
        nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(), nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(), nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(),
    )  # fmt: skip
    net.load_state_dict({n.removeprefix("features."): w for n, w in weights.items() if n.startswith("features")})
    total = 0.0
    with torch.inference_mode():
        x, y = (torch.from_numpy(p.copy()).permute(2, 0, 1)[None].float() / 255 * 2 - 1 for p in (a, b))
        shift, scale = torch.tensor([-0.030, -0.088, -0.188]), torch.tensor([0.458, 0.448, 0.450])
        x, y = ((v - shift.view(1, 3, 1, 1)) / scale.view(1, 3, 1, 1) for v in (x, y))
        stage = 0
        for index, layer in enumerate(net):
            x, y = layer(x), layer(y)
            if index in (1, 4, 7, 9, 11):
                p, q = (v / (v.norm(dim=1, keepdim=True) + 1e-10) for v in (x, y))
                total += ((p - q) ** 2 * weights[f"lin{stage}.weight"]).sum(1).mean().item()
                stage += 1
    return total


def test_distances_are_those_of_torchs_modules(folder):
    lpips = Backbones(folder).perceptual("lpips-alex")
    pairs = [(drawn(1), drawn(2)), (drawn(3, 70, 64), noisy(drawn(3, 70, 64), 25)), (drawn(4), noisy(drawn(4), 5))]
    found = lpips.distances([a for a, _ in pairs], [b for _, b in pairs])
    assert found == pytest.approx([by_hand(a, b) for a, b in pairs], rel=1e-4)


def test_the_map_shows_where(folder):
    lpips = Backbones(folder).perceptual("lpips-alex")
    a = drawn(5, 128, 128)
    b = a.copy()
    b[:, :48] = noisy(b[:, :48], 60)
    found = lpips.maps([a], [b])[0]
    assert found.shape == (128, 128)
    assert found[:, :48].mean() > 3 * found[:, 96:].mean()


@pytest.mark.parametrize("name", ["lpips-alex", "mini-lpips"])
def test_identity_symmetry_and_more_noise(name, folder):
    lpips = Backbones(folder).perceptual(name)
    a = data.chelsea()[:200, :240]
    noise = [noisy(a, sigma) for sigma in (0, 10, 30, 90)]
    values = lpips.distances([a] * 4, noise)
    assert values[0] == 0
    assert values == sorted(values)
    assert lpips.distances(noise, [a] * 4) == pytest.approx(values, abs=1e-6)


def test_a_file_without_a_tensor_and_no_file_are_refused(tmp_path):
    backbones = Backbones(tmp_path)
    with pytest.raises(WeightsMissing, match=r"lpips-alex.*docs/metrics"):
        backbones.perceptual("lpips-alex")
    weights = lpips_tensors()
    weights.pop("lin3.weight")
    write_tensors(tmp_path / "lpips-alex.safetensors", weights)
    with pytest.raises(WeightsCorrupt, match=r"lin3\.weight"):
        backbones.perceptual("lpips-alex")


def test_pictures_too_small_for_the_network_are_refused(folder):
    with pytest.raises(InvalidImage, match="31"):
        Backbones(folder).perceptual("lpips-alex").distances([drawn(1, 30, 40)], [np.zeros((30, 40, 3), np.uint8)])
