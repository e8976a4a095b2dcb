"""Two test processes share two cores: each keeps to one thread. Set before numpy, OpenCV and onnxruntime are loaded."""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PIXWRIGHT_THREADS"):
    os.environ.setdefault(name, "1")

import cv2  # noqa: E402

cv2.setNumThreads(1)
