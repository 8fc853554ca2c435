using System.Runtime.InteropServices;
using ModelCompiler.Onnx;
using ModelCompiler.Runtime;

namespace ModelCompiler.Benchmarks;

/// <summary>What ONNX Runtime answers to a case of the backend suite, where it answers as the suite expects.</summary>
internal sealed class BackendAnswer
{
    // The suite's own tolerance for its expected outputs.
    private const double ExpectedRelative = 1e-3, ExpectedAbsolute = 1e-5;

    private readonly List<(string Name, TensorBuffer Value)> _inputs = [];
    private TensorBuffer[] _outputs = [];

    private BackendAnswer()
    {
    }

    /// <summary>Whether all answers so far had the same bits.</summary>
    public bool IsExact { get; private set; } = true;

    /// <summary>The answer to the model as it is; null where that is not what the suite expects, or no tensors.</summary>
    public static BackendAnswer? Of(string path)
    {
        using InferenceSession session = InferenceSession.Open(path);
        if (session.Inputs.Concat(session.Outputs).Any(info => info.Kind != ValueKind.Tensor)) return null;
        string data = Path.Combine(Path.GetDirectoryName(path)!, "test_data_set_0");
        var answer = new BackendAnswer();
        try
        {
            for (int i = 0; i < session.Inputs.Count; i++) answer._inputs.Add((session.Inputs[i].Name, Read(data, "input", i)));
            answer._outputs = session.Run(answer._inputs);
            for (int i = 0; i < answer._outputs.Length; i++)
                if (Difference(Read(data, "output", i), answer._outputs[i], ExpectedRelative, ExpectedAbsolute) is not null) return null;
            return answer;
        }
        catch (Exception e) when (e is ModelCompilerException or CompilerException or IOException)
        {
            return null;
        }
    }

    /// <summary>How another session on the same model answers otherwise; null where it does not. Inputs that it no longer has are left out.</summary>
    public string? Difference(InferenceSession session, double relative, double absolute)
    {
        TensorBuffer[] outputs = session.Run([.. _inputs.Where(input => session.Inputs.Any(info => info.Name == input.Name))]);
        for (int i = 0; i < outputs.Length; i++)
        {
            if (Difference(_outputs[i], outputs[i], relative, absolute) is { } difference) return $"output {i}: {difference}";
            IsExact &= _outputs[i].ElementType == TensorElementType.String || _outputs[i].Bytes.SequenceEqual(outputs[i].Bytes);
        }
        return null;
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

    private static TensorBuffer Read(string folder, string kind, int index)
    {
        Tensor tensor = TensorFile.Read(Path.Combine(folder, FormattableString.Invariant($"{kind}_{index}.pb")));
        return tensor.ElementType == ElementType.String
            ? TensorBuffer.Create(tensor.Dims, Array.ConvertAll(tensor.StringData.ToArray(), s => System.Text.Encoding.UTF8.GetString(s.Span)))
            : TensorBuffer.Create((TensorElementType)tensor.ElementType, tensor.Dims, tensor.Bytes.ToArray());
    }
}
