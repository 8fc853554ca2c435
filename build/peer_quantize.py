"""Quantizes model.onnx by one setting of ONNX Runtime's Python quantizer; prints the setting, CPU seconds and peak MiB."""

import resource
import sys

import numpy
# Debian's ONNX and ONNX Runtime share one table of operators, in which this module wants to find ONNX's own only: it has to come first.
import onnx.reference  # noqa: F401
from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_dynamic, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process


class Samples(CalibrationDataReader):
    """One sample at a time, at most fifty."""

    def __init__(self, path):
        arrays = {name: array for name, array in numpy.load(path).items() if name != "labels"}
        count = min(50, min(len(array) for array in arrays.values()))
        self.feeds = iter([{name: array[i:i + 1] for name, array in arrays.items()} for i in range(count)])

    def get_next(self):
        return next(self.feeds, None)


setting = sys.argv[1]
output = setting + ".onnx"
if setting.startswith("static"):
    quant_pre_process("model.onnx", "prepared.onnx")
    options = {"activation_type": QuantType.QUInt8, "weight_type": QuantType.QInt8, "per_channel": True} if setting != "static" else {}
    quantize_static("prepared.onnx", output, Samples("samples.npz"), **options)
else:
    options = {"weight_type": QuantType.QInt8, "per_channel": True} if setting != "dynamic" else {}
    quantize_dynamic("model.onnx", output, **options)
usage = resource.getrusage(resource.RUSAGE_SELF)
print(setting, round(usage.ru_utime + usage.ru_stime, 1), round(usage.ru_maxrss / 1024))
