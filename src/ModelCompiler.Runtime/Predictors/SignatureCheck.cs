using ModelCompiler.Diagnostics;

namespace ModelCompiler.Runtime;

/// <summary>Compares what a predictor was generated for with what the model says when it is open.</summary>
internal static class SignatureCheck
{
    /// <exception cref="ModelIntegrityException">They differ.</exception>
    public static void Check(string predictor, PredictorDescription description, InferenceSession session)
    {
        Check(predictor, "input", description.Inputs, [.. session.Inputs, .. session.OptionalInputs]);
        Check(predictor, "output", description.Outputs, session.Outputs);
    }

    private static void Check(string predictor, string role, IReadOnlyList<TensorSpec> expected, IReadOnlyList<TensorInfo> actual)
    {
        if (expected.Count != actual.Count)
        {
            throw Changed(predictor, $"it has {actual.Count} {role}s, expected {expected.Count}");
        }

        foreach (var (spec, info) in expected.Zip(actual))
        {
            if (spec.Name != info.Name || spec.ElementType != info.ElementType || spec.Kind != info.Kind || spec.KeyType != info.KeyType || !Fits(spec, info))
            {
                throw Changed(predictor, $"its {role} '{info.Name}' is {info}, expected '{spec.Name}', {spec}");
            }
        }
    }

    /// <summary>ONNX Runtime may know more or less than the build did; it may not know anything else.</summary>
    private static bool Fits(TensorSpec spec, TensorInfo info) =>
        spec.Shape is null || info.Shape is null ||
        (spec.Shape.Count == info.Shape.Count && spec.Shape.Zip(info.Shape).All(pair => pair.First.Size < 0 || pair.Second < 0 || pair.First.Size == pair.Second));

    private static ModelIntegrityException Changed(string predictor, string difference) =>
        new(DiagnosticTable.SignatureChanged, predictor, difference);
}
