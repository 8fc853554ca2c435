using System.Collections.Frozen;
using ModelCompiler.Diagnostics;

namespace ModelCompiler.Optimizer.Compilation.Precisions;

/// <summary>The method of each precision.</summary>
internal static class PrecisionMethods
{
    private static readonly FrozenDictionary<Precision, IPrecisionMethod> All = new Dictionary<Precision, IPrecisionMethod>
    {
        [Precision.Float32] = new SourcePrecision(),
        [Precision.Int8] = new StaticInt8(),
        [Precision.Int8Dynamic] = new DynamicInt8(),
        [Precision.Int4] = new WeightOnlyInt4(),
    }.ToFrozenDictionary();

    /// <summary>The method, or OM2xxx where there is none yet.</summary>
    public static IPrecisionMethod Of(Precision precision) =>
        All.TryGetValue(precision, out IPrecisionMethod? method) ? method : throw DiagnosticTable.FeatureMissing.Error($"Precision=\"{precision}\"");
}
