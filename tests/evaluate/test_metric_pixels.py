"""L1, L2, PSNR and SSIM against scikit-image, torch and numpy, and the properties that each must have."""

import numpy as np
import pytest
from evaluate_samples import drawn, noisy
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data, metrics

from pixwright.errors import InvalidImage
from pixwright.evaluate.metrics.pixelwise import MOST_DB, l1, l2, psnr, ssim
from pixwright.evaluate.metrics.preprocess import fit

seeds = st.integers(0, 2**32 - 1)


def test_a_small_value_less_a_large_one_does_not_wrap():
    # AnyEdit's filter subtracted bytes: 3 - 5 became 254.
    a, b = np.full((16, 16, 3), 3, np.uint8), np.full((16, 16, 3), 5, np.uint8)
    assert l1(a, b) == l1(b, a) == pytest.approx(2 / 255, abs=1e-12)
    assert l2(a, b) == l2(b, a) == pytest.approx((2 / 255) ** 2, abs=1e-12)
    assert np.abs(a - b).mean() > 200  # what the wrapped subtraction says


def test_l1_and_l2_are_those_of_torch_on_tensors_in_0_1():
    torch = pytest.importorskip("torch")
    a, b = data.astronaut(), data.coffee()[:400, :512]
    a = fit(a, *b.shape[:2])
    x, y = (torch.from_numpy(p.copy()).permute(2, 0, 1).double() / 255 for p in (a, b))
    assert l1(a, b) == pytest.approx(torch.nn.L1Loss()(x, y).item(), abs=1e-9)
    assert l2(a, b) == pytest.approx(torch.nn.MSELoss()(x, y).item(), abs=1e-9)


@pytest.mark.parametrize("sigma", [2, 15, 60])
def test_psnr_and_ssim_are_those_of_scikit_image(sigma):
    a = data.chelsea()
    b = noisy(a, sigma)
    assert psnr(a, b) == pytest.approx(metrics.peak_signal_noise_ratio(a, b, data_range=255), abs=1e-9)
    wanted = metrics.structural_similarity(
        a, b, channel_axis=2, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    assert ssim(a, b) == pytest.approx(wanted, abs=1e-6)


def test_ssim_is_that_of_torchmetrics():
    torch = pytest.importorskip("torch")
    pytest.importorskip("torchmetrics")
    from torchmetrics.functional.image import peak_signal_noise_ratio, structural_similarity_index_measure

    a = data.chelsea()
    b = noisy(a, 20)
    x, y = (torch.from_numpy(p.copy()).permute(2, 0, 1)[None].double() for p in (a, b))
    # torchmetrics 1.9 averages over the mirrored border as well; Wang et al. and scikit-image leave it out.
    _, whole = structural_similarity_index_measure(x, y, data_range=255.0, return_full_image=True)
    assert ssim(a, b) == pytest.approx(whole[..., 5:-5, 5:-5].mean().item(), abs=1e-6)
    assert psnr(a, b) == pytest.approx(peak_signal_noise_ratio(x, y, data_range=255.0).item(), abs=1e-6)


@settings(max_examples=10, deadline=None)
@given(seeds, seeds)
def test_identity_symmetry_and_range(one, two):
    a, b = drawn(one, 32, 40), drawn(two, 32, 40)
    assert (l1(a, a), l2(a, a), psnr(a, a)) == (0, 0, MOST_DB)
    assert ssim(a, a) == pytest.approx(1, abs=1e-9)
    for metric in (l1, l2, psnr, ssim):
        assert metric(a, b) == pytest.approx(metric(b, a), abs=1e-9)
    assert 0 <= l2(a, b) <= l1(a, b) <= 1
    assert -1 <= ssim(a, b) <= 1


@settings(max_examples=8, deadline=None)
@given(seeds)
def test_more_noise_is_always_worse(seed):
    a = drawn(seed)
    steps = [noisy(a, sigma, seed) for sigma in (0, 4, 16, 48)]
    for metric, rising in ((l1, True), (l2, True), (psnr, False), (ssim, False)):
        values = [metric(a, b) for b in steps]
        assert values == sorted(values, reverse=not rising), metric.__name__


def test_black_against_white_is_the_end_of_the_scale():
    black, white = np.zeros((20, 20, 3), np.uint8), np.full((20, 20, 3), 255, np.uint8)
    assert (l1(black, white), l2(black, white), psnr(black, white)) == pytest.approx((1, 1, 0), abs=1e-12)


def test_floats_unequal_sizes_and_tiny_pictures_are_refused():
    a = drawn(1)
    with pytest.raises(InvalidImage, match="float"):
        l1(a.astype(np.float32) / 127.5 - 1, a)
    with pytest.raises(InvalidImage, match="one size"):
        l2(a, a[:-1])
    with pytest.raises(InvalidImage, match="at least 11"):
        ssim(a[:8], a[:8])


def test_a_result_of_another_size_is_resized_as_pillow_does():
    from PIL import Image

    a = data.astronaut()
    assert np.array_equal(fit(a, 100, 60), np.asarray(Image.fromarray(a).resize((60, 100))))
    assert fit(a, 512, 512) is a
