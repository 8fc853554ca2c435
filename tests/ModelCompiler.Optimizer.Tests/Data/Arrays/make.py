"""Writes the arrays of this folder with NumPy itself (1.24), so that the readers are tested against it and not against themselves."""
import os

import numpy as np
from numpy.lib import format as npy

os.chdir(os.path.dirname(os.path.abspath(__file__)))
rng = np.random.default_rng(7)

TYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
         "float16", "float32", "float64", "complex64", "complex128"]
values = np.array([[0, 1, 2], [3, 5, 100]])
np.savez("types.npz", **{t: values.astype(t) for t in TYPES})
np.savez_compressed("deflated.npz", x=np.zeros((100, 4), np.float32), y=np.arange(100))

ramp = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
np.save("fortran.npy", np.asfortranarray(ramp))
np.save("bigendian.npy", ramp.astype(">f4"))
np.save("fortran_bigendian.npy", np.asfortranarray(ramp.astype(">i8")))
np.save("scalar.npy", np.int64(16000))
np.save("empty.npy", np.zeros((0, 3), np.float32))
np.save("strings.npy", np.array(["a", "b"]))
np.save("structured.npy", np.array([(1, 2.0)], dtype=[("a", "<i4"), ("b", "<f4")]))
np.save("pickled.npy", np.array([{"a": 1}, None], dtype=object), allow_pickle=True)
for version in ((1, 0), (2, 0), (3, 0)):
    with open(f"version{version[0]}.npy", "wb") as file:
        npy.write_array(file, ramp, version=version)
