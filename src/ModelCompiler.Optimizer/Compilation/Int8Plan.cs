using ModelCompiler.Optimizer.Calibration;

namespace ModelCompiler.Optimizer.Compilation;

/// <summary>Why a node that could run on integers stays in floating point.</summary>
public enum FloatReason
{
    /// <summary>The outputs agree badly, or a budget is missed, with it on integers.</summary>
    Accuracy,

    /// <summary>It is faster so, with the conversions around it.</summary>
    Speed,
}

/// <summary>A node that stays in floating point, by the name of its first output in the optimized graph.</summary>
public sealed record FloatNode(string Output, FloatReason Reason);

/// <summary>
/// The decisions of one compilation to static int8 that depend on measurement. Given again, they are carried out instead of measured: the same
/// model, samples and plan give the same bytes on every machine.
/// </summary>
public sealed record Int8Plan
{
    /// <summary>True where no division of the graph was faster than floating point, which ships then.</summary>
    public bool IsFloat32 { get; init; }

    /// <summary>How far the channels of activations are evened out before (α of <see cref="Quantization.Equalization.ChannelEqualizer"/>); 0 for not at all.</summary>
    public double Equalization { get; init; }

    /// <summary>How the ranges of activations are chosen.</summary>
    public RangeMethod Ranges { get; init; }

    /// <summary>What stays in floating point, in the order of the graph.</summary>
    public IReadOnlyList<FloatNode> InFloat { get; init; } = [];
}
