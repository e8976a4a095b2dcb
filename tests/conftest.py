"""Two test processes share two cores: each keeps to one thread. Set before numpy, OpenCV and onnxruntime are loaded."""

import os
import shutil
import tempfile
from importlib import import_module
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PIXWRIGHT_THREADS"):
    os.environ.setdefault(name, "1")

# What the developer has fetched and pulled must not decide what a test sees.
os.environ["PIXWRIGHT_ASSETS"] = str(Path(__file__).parent / "no-assets")
os.environ.setdefault("PIXWRIGHT_HOME", str(Path(tempfile.gettempdir()) / "pixwright-tests"))

import cv2  # noqa: E402
import pytest  # noqa: E402

cv2.setNumThreads(1)


@pytest.fixture
def browse():
    """Opens windows of a headless Chromium: `browse(width, height, phone=False)`. Skips the test where none is installed."""
    webdriver = pytest.importorskip("selenium.webdriver")
    driver, program = shutil.which("chromedriver"), shutil.which("chromium") or shutil.which("google-chrome")
    if not driver or not program:
        pytest.skip("no Chromium with its driver is installed")
    windows = []

    def one(width, height, phone=False):
        options = webdriver.ChromeOptions()
        options.binary_location = program
        for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", f"--window-size={width},{height}"):
            options.add_argument(flag)
        if phone:
            metrics = {"width": width, "height": height, "pixelRatio": 3, "touch": True}
            options.add_experimental_option("mobileEmulation", {"deviceMetrics": metrics})
        windows.append(webdriver.Chrome(options=options, service=webdriver.ChromeService(driver)))
        return windows[-1]

    yield one
    for window in windows:
        window.quit()


@pytest.fixture
def browser(browse):
    """One window of the usual size."""
    return browse(1200, 900)


@pytest.fixture(scope="module")
def noise_passes():
    """Random networks stand for trained ones: what they paint is not refused for being noise."""
    with pytest.MonkeyPatch.context() as patch:
        for editor in ("anysd", "instructedit", "decoder"):
            module = import_module(f"pixwright.edit.networks.{editor}")
            patch.setattr(module, "is_noise", lambda before, after, mask=None: [False] * len(after))
        yield
