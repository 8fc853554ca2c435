using System.Collections.Frozen;

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
        [Precision.Float16] = new HalfPrecision(Precision.Float16),
        [Precision.BFloat16] = new HalfPrecision(Precision.BFloat16),
        [Precision.Mixed] = new MixedPrecision(),
        [Precision.Auto] = new AutoPrecision(),
    }.ToFrozenDictionary();

    public static IPrecisionMethod Of(Precision precision) => All[precision];
}
