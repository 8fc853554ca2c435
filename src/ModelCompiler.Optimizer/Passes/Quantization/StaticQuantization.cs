using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Targets;

namespace ModelCompiler.Optimizer.Passes.Quantization;

/// <summary>
/// q = saturate(round(x / s) + z): activations, weights and the sums between them become 8-bit integers wherever the provider has integer
/// kernels (Jacob et al. 2018). Requires operator set 13 (per-channel DequantizeLinear), a topological order, and the range of every value
/// in <see cref="QuantizationPlan.Roots"/>.
/// </summary>
public sealed class StaticQuantization(QuantizationPlan plan, IReadOnlyDictionary<Value, ValueRange> ranges) : IPass
{
    // The plan names nodes as they were before: it can be carried out once.
    private bool _isCarriedOut;

    /// <summary>Makes integers of the weights of products; null to round them to the nearest.</summary>
    internal ProductQuantizer? Products { get; init; }

    /// <inheritdoc/>
    public string Name => "static-quantization";

    /// <inheritdoc/>
    public void Apply(PassContext context)
    {
        foreach ((Node node, string reason) in plan.Refusals) context.Refused(node.ToString(), reason);
        if (_isCarriedOut || plan.Forms.Count == 0) return;
        _isCarriedOut = true;
        List<string> products = [.. plan.Forms.Where(f => f.Value == IntegerForm.Compute).Select(f => f.Key.ToString())];
        new QdqEmitter(context.Graph, plan, ranges, context.Target, Products ?? new ProductQuantizer(context.Target)).Emit();
        foreach (string product in products) context.Changed(product, "runs on 8-bit integers");
    }
}
