using System.Runtime.InteropServices;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Runtime;

namespace ModelCompiler.Benchmarks;

/// <summary>
/// Runs ONNX's backend suite: every case that ONNX Runtime answers rightly must be answered the same after the float passes, to 1e-5 relative.
/// </summary>
internal static class BackendSuite
{
    private const double Relative = 1e-5, Absolute = 1e-6;

    // The suite's own tolerance for its expected outputs.
    private const double ExpectedRelative = 1e-3, ExpectedAbsolute = 1e-5;

    public static int Run(string folder)
    {
        string[] cases = [.. Directory.EnumerateFiles(folder, "model.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        int expected = 0, passed = 0, exact = 0, outOfScope = 0;
        foreach (string model in cases)
        {
            if (Original(model) is not { } original)
            {
                outOfScope++;
                continue;
            }
            expected++;
            if (Failure(model, original) is { } failure)
            {
                Console.WriteLine($"FAILED {Path.GetRelativePath(folder, Path.GetDirectoryName(model)!)}: {failure}");
                continue;
            }
            passed++;
            if (original.IsExact) exact++;
        }
        Console.WriteLine($"{cases.Length} cases: {outOfScope} that ONNX Runtime itself does not load, does not match, or that take no tensors; {exact} bit-exact");
        Console.WriteLine($"{passed}/{expected}");
        return passed == expected ? 0 : 1;
    }

    /// <summary>What ONNX Runtime answers to the model as it is; null where that is not what the suite expects.</summary>
    private static Answer? Original(string model)
    {
        try
        {
            using InferenceSession session = InferenceSession.Open(model);
            if (session.Inputs.Concat(session.Outputs).Any(i => i.Kind != ValueKind.Tensor)) return null;
            string data = Path.Combine(Path.GetDirectoryName(model)!, "test_data_set_0");
            var inputs = new List<(string, TensorBuffer)>();
            for (int i = 0; i < session.Inputs.Count; i++)
            {
                string file = Path.Combine(data, $"input_{i}.pb");
                if (!File.Exists(file)) return null;
                inputs.Add((session.Inputs[i].Name, ToBuffer(TensorFile.Read(file))));
            }
            TensorBuffer[] outputs = session.Run(inputs);
            for (int i = 0; i < outputs.Length; i++)
            {
                string file = Path.Combine(data, $"output_{i}.pb");
                if (!File.Exists(file) || Difference(ToBuffer(TensorFile.Read(file)), outputs[i], ExpectedRelative, ExpectedAbsolute) is not null) return null;
            }
            return new Answer(inputs, outputs);
        }
        catch (Exception e) when (e is ModelCompilerException or CompilerException or ArgumentException)
        {
            return null;
        }
    }

    private static string? Failure(string path, Answer original)
    {
        try
        {
            Model model = OnnxReader.Read(path);
            PassPipeline.Float.Run(new PassContext(model, TargetProfile.CpuPortable));
            using InferenceSession session = InferenceSession.Open(OnnxWriter.ToBytes(model));
            TensorBuffer[] outputs = session.Run([.. original.Inputs.Where(input => session.Inputs.Any(i => i.Name == input.Name))]);
            for (int i = 0; i < outputs.Length; i++)
            {
                if (Difference(original.Outputs[i], outputs[i], Relative, Absolute) is { } difference) return $"output {i}: {difference}";
                original.IsExact &= original.Outputs[i].ElementType == TensorElementType.String || original.Outputs[i].Bytes.SequenceEqual(outputs[i].Bytes);
            }
            return null;
        }
        catch (Exception e) when (e is ModelCompilerException or CompilerException or ArgumentException or InvalidOperationException)
        {
            return e.Message;
        }
    }

    private static string? Difference(TensorBuffer expected, TensorBuffer actual, double relative, double absolute)
    {
        if (expected.ElementType != actual.ElementType) return $"{actual.ElementType} instead of {expected.ElementType}";
        if (!expected.Shape.SequenceEqual(actual.Shape)) return $"shape [{string.Join(",", actual.Shape.ToArray())}] instead of [{string.Join(",", expected.Shape.ToArray())}]";
        return expected.ElementType switch
        {
            TensorElementType.String => expected.Strings.SequenceEqual(actual.Strings) ? null : "other strings",
            TensorElementType.Float32 => Difference<float>(expected, actual, relative, absolute),
            TensorElementType.Float64 => Difference<double>(expected, actual, relative, absolute),
            TensorElementType.Float16 => Difference<Half>(expected, actual, Math.Max(relative, 1e-3), absolute),
            _ => expected.Bytes.SequenceEqual(actual.Bytes) ? null : "other elements",
        };
    }

    private static string? Difference<T>(TensorBuffer expected, TensorBuffer actual, double relative, double absolute) where T : unmanaged, System.Numerics.INumber<T>
    {
        ReadOnlySpan<T> x = MemoryMarshal.Cast<byte, T>(expected.Bytes), y = MemoryMarshal.Cast<byte, T>(actual.Bytes);
        for (int i = 0; i < x.Length; i++)
        {
            double a = double.CreateChecked(x[i]), b = double.CreateChecked(y[i]);
            if (a.Equals(b) || Math.Abs(a - b) <= absolute + relative * Math.Abs(a)) continue;
            return FormattableString.Invariant($"element {i} is {b} instead of {a}");
        }
        return null;
    }

    private static TensorBuffer ToBuffer(Tensor tensor) => tensor.ElementType == ElementType.String
        ? TensorBuffer.Create(tensor.Dims, Array.ConvertAll(tensor.StringData.ToArray(), s => System.Text.Encoding.UTF8.GetString(s.Span)))
        : TensorBuffer.Create((TensorElementType)tensor.ElementType, tensor.Dims, tensor.Bytes.ToArray());

    private sealed record Answer(List<(string Name, TensorBuffer Value)> Inputs, TensorBuffer[] Outputs)
    {
        public bool IsExact { get; set; } = true;
    }
}
