using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Quantization;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Quantization.Dense;

namespace ModelCompiler.Optimizer.Compilation.Precisions;

/// <summary>
/// Matrix products and LSTMs in 8 bits, ranges measured at each run: no calibration. Convolutions stay in float, for which the provider has no
/// kernel of this kind that is fast.
/// </summary>
internal sealed class DynamicInt8 : IPrecisionMethod
{
    /// <summary>Samples that the noise of layers is measured on.</summary>
    private const int RankedSamples = 16;

    /// <summary>Operator set that DynamicQuantizeLinear needs.</summary>
    private const long QuantizationOpset = 13;

    public PassPipeline Preparation => PassPipeline.Float;

    public CompiledModel Compile(CompilationJob job)
    {
        job.RaiseOpset(QuantizationOpset, Preparation);
        CompiledModel Build(IReadOnlySet<string> inFloat) => DynamicInt8.Build(job, inFloat);
        CompiledModel first = Build(job.Options.Plan?.LayersWith(CompilationPlan.Float) ?? new HashSet<string>());
        return new FallbackSearch(job, Build).Hold(first, () => Ranking(job, first.Model));
    }

    private static CompiledModel Build(CompilationJob job, IReadOnlySet<string> inFloat)
    {
        Model model = job.Model.Clone();
        var context = new PassContext(model, job.Options.Target);
        PassPipeline.Weights(new DynamicQuantization(inFloat), new DynamicLstm(inFloat)).Run(context, job.Cancellation);
        var plan = new CompilationPlan { Precision = Precision.Int8Dynamic, Layers = inFloat.ToDictionary(name => name, _ => CompilationPlan.Float) };
        return new CompiledModel(model, OnnxWriter.ToBytes(model), context.Events, null) { Plan = plan };
    }

    /// <summary>Layers in subgraphs, whose tensors cannot be looked at, come last.</summary>
    private static IReadOnlyList<string> Ranking(CompilationJob job, Model quantized)
    {
        var names = new List<string>();
        var taps = new List<NoiseRanking.Tap>();
        foreach (DenseProduct product in DynamicQuantization.Products(job.Model.Graph))
        {
            names.Add(product.Name);
            if (!ReferenceEquals(product.Last.Graph, job.Model.Graph)) continue;
            taps.Add(new(product.Name, IsInput: false, product.Name, product.Name));
            if (product.Input.Producer is not null) taps.Add(new(product.Name, IsInput: true, product.Input.Name, product.Input.Name));
        }
        names.AddRange(DynamicLstm.Layers(job.Model.Graph).Select(DynamicLstm.LayerName));
        return NoiseRanking.Rank(job.Model, quantized, names, taps, job.Inputs(job.AnySamples!, RankedSamples), job.Cancellation);
    }
}
