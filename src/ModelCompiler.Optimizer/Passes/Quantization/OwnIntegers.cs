using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Sessions;

namespace ModelCompiler.Optimizer.Passes.Quantization;

/// <summary>
/// Each product on integers gets weights and a zero point of its own, where sessions ask for exact sums (<see cref="ExactIntegers"/>): ONNX Runtime then makes an unsigned
/// copy of both for every product, by a name that it derives from theirs, and a session whose products share one does not open ("Attempt to replace the existing tensor").
/// </summary>
public sealed class OwnIntegers : IPass
{
    /// <inheritdoc/>
    public string Name => "own-integers";

    /// <inheritdoc/>
    public void Apply(PassContext context)
    {
        if (!ExactIntegers.MayBeNeeded(context.Model)) return;
        var taken = new HashSet<Value>();
        foreach (Node product in context.Graph.AllNodes().ToList())
        {
            foreach (int input in ExactIntegers.WeightsOf(product))
            {
                if (product.Input(input) is { Producer: { } dequantize } shared && dequantize.Is("DequantizeLinear") && dequantize.Constant(0) is not null && !taken.Add(shared))
                    product.SetInput(input, Copy(dequantize, product));
            }
            foreach ((Node holder, int input) in ExactIntegers.IntegersOf(product))
            {
                if (holder.Input(input) is not { Initializer: { } tensor } value || taken.Add(value)) continue;
                holder.SetInput(input, holder.Graph.AddInitializer(value.Name, tensor));
                context.Changed(product.ToString(), $"has a copy of '{value.Name}' of its own");
            }
        }
    }

    private static Value Copy(Node dequantize, Node before)
    {
        Node copy = before.Graph.AddNode("DequantizeLinear", dequantize.Inputs.ToArray(), before: before);
        foreach (NodeAttribute attribute in dequantize.Attributes) copy.Attributes.Set(attribute);
        return copy.Output;
    }
}
