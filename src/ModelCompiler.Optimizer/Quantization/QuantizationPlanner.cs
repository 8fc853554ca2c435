using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Targets;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>
/// Decides which nodes run on integers. Every product with constant weights does; the operators between them do as long as their inputs are
/// integers anyway, or are quantized for a product too, so that regions are contiguous and no operator pays for conversions that it alone needs.
/// </summary>
public static class QuantizationPlanner
{
    /// <summary>Plans a graph and, each for itself, its subgraphs.</summary>
    /// <param name="graph">The graph, optimized in floating point.</param>
    /// <param name="target">The kernels at hand.</param>
    /// <param name="keepInFloat">Nodes that are to stay in floating point.</param>
    public static QuantizationPlan Plan(Graph graph, TargetProfile target, IReadOnlySet<Node>? keepInFloat = null)
    {
        var plan = new QuantizationPlan(target.Layout);
        foreach (Node node in graph.Nodes)
        {
            if (node.Domain.Length == 0 && node.OpType is "LSTM" or "GRU" or "RNN") plan.Refusals.Add((node, "stays in float32: no recurrent operator takes ranges that were measured before (LSTM runs on integers with Precision=\"Int8Dynamic\")"));
            IntegerForm form = FormOf(node, target);
            if (form == IntegerForm.None || keepInFloat?.Contains(node) == true) continue;
            string? reason = form == IntegerForm.Compute ? ComputeEligibility.Refusal(node) : Refusal(node, form);
            if (reason is null) plan.Set(node, form);
            else if (form == IntegerForm.Compute) plan.Refusals.Add((node, reason));
        }
        Prune(plan, target);
        return plan;
    }

    /// <summary>Whether an input is data that flows, not weights, a bias, a shape or a limit.</summary>
    public static bool IsActivation(Node node, int index)
    {
        if (index >= node.Inputs.Length || node.Inputs[index] is not { } value) return false;
        return node.OpType switch
        {
            "Conv" or "Gemm" or "MatMul" => index == 0,
            "Add" or "Mul" or "Div" or "Concat" => value.Initializer is null,
            _ => index == 0,
        };
    }

    private static IntegerForm FormOf(Node node, TargetProfile target)
    {
        if (node.Domain.Length > 0 || !target.IntegerKernels.TryGetValue(node.OpType, out IntegerKernel? kernel)) return IntegerForm.None;
        return ConstantFactor.Of(node) is not null && !target.Layout.WrapsNodes ? IntegerForm.Scaling : kernel.Form;
    }

    private static string? Refusal(Node node, IntegerForm form)
    {
        if (node.Output0().ElementType is not (ElementType.Float or ElementType.Undefined)) return "not a float tensor";
        return form switch
        {
            IntegerForm.Arithmetic => ArithmeticEligibility.Refusal(node),
            IntegerForm.Movement => MovementEligibility.Refusal(node),
            IntegerForm.Scaling => ConstantFactor.Of(node) is not null ? null : "division by what is no positive constant",
            IntegerForm.Clamp => Clamp.Of(node) is { ContainsZero: true } ? null : "limits that are not constant or exclude zero",
            _ => null,
        };
    }

    /// <summary>Takes back, until nothing changes, every connecting node whose neighbours do not make it worth while.</summary>
    private static void Prune(QuantizationPlan plan, TargetProfile target)
    {
        var queue = new Queue<Node>(plan.Forms.Keys);
        while (queue.TryDequeue(out Node? node))
        {
            if (plan.FormOf(node) is IntegerForm.None or IntegerForm.Compute || IsWorthwhile(node, plan, target)) continue;
            plan.Remove(node);
            foreach (Value? input in node.Inputs)
                if (input?.Producer is { } producer) queue.Enqueue(producer);
            foreach (Value output in node.Outputs)
                foreach (Use use in output.Uses) queue.Enqueue(use.Node);
        }
    }

    private static bool IsWorthwhile(Node node, QuantizationPlan plan, TargetProfile target)
    {
        bool isAfterIntegers = true;
        for (int i = 0; i < node.Inputs.Length; i++)
        {
            if (!IsActivation(node, i) || IsIntegerOnceUsed(node.Inputs[i]!, plan)) continue;
            if (!IsQuantizedForProduct(node.Inputs[i]!, plan)) return false;
            isAfterIntegers = false;
        }
        bool hasIntegerUse = false, isGraphOutput = false;
        foreach (Value output in node.Outputs)
        {
            hasIntegerUse |= plan.HasIntegerUse(output);
            isGraphOutput |= plan.Outgoing(output).IsOutput;
        }
        if (hasIntegerUse || !isAfterIntegers) return hasIntegerUse;
        // Behind a node that must hand on integers anyway a clamp costs nothing: saturation does its work.
        if (plan.FormOf(node) == IntegerForm.Clamp && plan.AbsorbedClamp(node.Inputs[0]!) == node) return !target.Layout.FloatOutputs.Contains(node.Inputs[0]!.Producer!.OpType);
        return !isGraphOutput && (plan.FormOf(node) == IntegerForm.Scaling || target.IntegerKernels[node.OpType].Gain == IntegerGain.AfterIntegers);
    }

    /// <summary>A product hands on integers as soon as a node on integers reads them; asking <see cref="QuantizationPlan.IsInteger"/> would be circular.</summary>
    private static bool IsIntegerOnceUsed(Value value, QuantizationPlan plan) => plan.FormOf(value.Producer) != IntegerForm.None;

    /// <summary>Whether a product on integers reads the value: it is converted once for all its readers.</summary>
    private static bool IsQuantizedForProduct(Value value, QuantizationPlan plan) =>
        value.Uses.ToArray().Any(use => plan.FormOf(use.Node) == IntegerForm.Compute && IsActivation(use.Node, use.Index));

    private static Value Output0(this Node node) => node.Outputs[0];
}
