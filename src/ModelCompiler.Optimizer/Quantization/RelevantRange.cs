using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>
/// The numbers of a tensor that its readers tell apart. A gate such as clip(f·x + c, 0, 6) sees none beyond its limits, and x · gate(x), as in a
/// hard-swish, is zero wherever the gate is: there x need not be told from the limit either, and no step of the 256 is spent on it.
/// </summary>
internal static class RelevantRange
{
    /// <summary>Beyond it a sigmoid is 0 or 1, and x·σ(x) is 0 or x, up to 0.0005: less than 8 bits show.</summary>
    private const double SigmoidLimit = 10;

    /// <summary>The range; infinite where nothing limits it.</summary>
    public static ValueRange Of(Value value)
    {
        ValueRange range = ValueRange.Empty;
        if (!value.IsOutput)
            foreach (Use use in value.Uses) range = range.Union(SeenBy(use, value));
        return range.IsEmpty ? Everything : range;
    }

    private static ValueRange Everything => new(float.NegativeInfinity, float.PositiveInfinity);

    private static ValueRange SeenBy(Use use, Value value)
    {
        if (GateFrom(use.Node, value) is { } gate) return gate.Seen;
        if (!use.Node.Is("Mul") || use.Node.Inputs.Length != 2) return Everything;
        return IsZeroBelow(use.Node.Inputs[1 - use.Index], value) is { } limit ? new ValueRange(limit, float.PositiveInfinity) : Everything;
    }

    /// <summary>The limit below which another factor, a gate of the same value, is zero; null where it is something else.</summary>
    private static float? IsZeroBelow(Value? factor, Value value)
    {
        // A gate may still be scaled: 1/6 of a hard-swish.
        while (factor?.Producer is { } node && ConstantFactor.Of(node) is not null) factor = node.Inputs[node.Constant(0) is null ? 0 : 1];
        foreach (Use use in value.Uses)
            if (GateFrom(use.Node, value) is { IsZeroBelow: true } gate && ReferenceEquals(gate.Output, factor)) return gate.Seen.Min;
        return null;
    }

    /// <summary>A chain of positive factors and additions of one number that ends in a clamp or sigmoid, and nothing else reads.</summary>
    private static Gate? GateFrom(Node node, Value value)
    {
        double factor = 1, shift = 0;
        while (true)
        {
            if (node.Outputs.Length != 1) return null;
            Value output = node.Outputs[0];
            if (node.Is("Sigmoid")) return new Gate(output, Inverse(-SigmoidLimit, SigmoidLimit), true);
            if (Clamp.Of(node) is { } clamp) return new Gate(output, Inverse(clamp.Min, clamp.Max), clamp.Min == 0);
            if (ConstantFactor.Of(node) is { } multiple) (factor, shift) = (factor * multiple, shift * multiple);
            else if (ConstantShift.Of(node) is { } added) shift += added;
            else return null;
            if (!output.HasSingleUse || output.IsOutput) return null;
            node = output.Uses[0].Node;
        }

        ValueRange Inverse(double min, double max) => new((float)((min - shift) / factor), (float)((max - shift) / factor));
    }

    /// <summary>What a gate gives, the numbers of the value that it tells apart, and whether it gives zero, as near as 8 bits show, below them.</summary>
    private sealed record Gate(Value Output, ValueRange Seen, bool IsZeroBelow);
}
