using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes.Fusion.Affine;

/// <summary>
/// scale = γ / √(σ² + ε), shift = β − μ · scale (Ioffe and Szegedy 2015, algorithm 2): BatchNormalization at inference.
/// </summary>
internal static class BatchNormalization
{
    /// <summary>Reads a node; null with the reason where its statistics are not constants of inference.</summary>
    public static ChannelAffine? Read(Node node, ChannelAxis at, out string? reason)
    {
        reason = null;
        if (!at.IsAxis(1)) return null;
        reason = TrainingReason(node);
        if (reason is not null) return null;
        double[]?[] parameters = [.. Enumerable.Range(1, 4).Select(i => Constants.Numbers(node.Input(i)))];
        if (parameters is not [{ } gamma, { } beta, { } mean, { } variance]) reason = "its parameters are not constant";
        else if (Array.Exists(parameters, p => p!.Length != at.Channels)) reason = "its parameters are not one number per channel";
        else if (!Array.TrueForAll(variance, v => v >= 0)) reason = "a variance is negative or NaN";
        else return Compute(gamma, beta, mean, variance, node.Attributes.GetFloat("epsilon", 1e-5f), out reason);
        return null;
    }

    private static ChannelAffine? Compute(double[] gamma, double[] beta, double[] mean, double[] variance, double epsilon, out string? reason)
    {
        var affine = new ChannelAffine(new double[gamma.Length], new double[gamma.Length]);
        for (int c = 0; c < gamma.Length; c++)
        {
            affine.Scale[c] = gamma[c] / Math.Sqrt(variance[c] + epsilon);
            affine.Shift[c] = beta[c] - mean[c] * affine.Scale[c];
        }
        reason = affine.IsFinite ? null : "a variance and epsilon are both zero, or a parameter is NaN or infinite";
        return affine.IsFinite ? affine : null;
    }

    private static string? TrainingReason(Node node)
    {
        if (node.Attributes.GetInt("training_mode", 0) != 0) return "it is in training mode";
        // Before opset 14, asking for the running statistics was what made it train.
        foreach (Value output in node.Outputs[1..])
            if (output.Name.Length > 0) return "it is in training mode: it has outputs for its statistics";
        return node.Attributes.GetInt("spatial", 1) == 0 ? "it normalizes per element, not per channel (spatial=0)" : null;
    }
}
