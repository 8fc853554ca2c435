using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes.Folding;

/// <summary>
/// A Loop whose number of trips is a small constant becomes the copies of its body, one after the other: what they compute can then be folded and
/// fused, and no trip pays for a call. The condition must stay true by itself. Scan outputs are concatenated along a new first axis.
/// </summary>
public sealed class LoopUnrolling : RewritePass
{
    /// <summary>How many nodes a Loop may become.</summary>
    public const int MaxNodes = 256;

    /// <summary>Beyond this, a trip's share of the Loop's own cost is not worth the memory of the copies.</summary>
    public const int MaxTrips = 16;

    /// <inheritdoc/>
    public override string Name => "loop-unrolling";

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("Loop");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (node.Attributes.Find("body")?.Graph is not { } body) return Rewrite.None;
        if (Constants.Integers(node.Input(0)) is not [var trips]) return Rewrite.Refused("the number of trips is not constant");
        if (!IsTrue(node.Input(1)) || !StaysTrue(body)) return Rewrite.Refused("the condition may end it early");
        // One node draws the next numbers on each trip; copies of it would each draw the first ones of their seed.
        if (body.AllNodes().Any(RandomOperators.Contains)) return Rewrite.Refused("its body draws random numbers");
        int states = node.Inputs.Length - 2;
        if (trips < 1 || body.Inputs.Count != node.Inputs.Length || body.Outputs.Count != node.Outputs.Length + 1 || states > node.Outputs.Length) return Rewrite.None;
        long nodes = trips > MaxTrips ? long.MaxValue : trips * body.AllNodes().Count();
        if (nodes > MaxNodes) return Rewrite.Refused($"{trips} trips would become more than {MaxNodes} nodes");
        return new Unrolling(node, body, states, context.Model.Opset).Run((int)trips);
    }

    private static bool IsTrue(Value? condition) => condition is null || (condition.Initializer is { ElementCount: 1 } tensor && tensor.Bytes[0] != 0);

    private static bool StaysTrue(Graph body)
    {
        Value again = body.Outputs[0];
        while (again.Producer is { } identity && identity.Is("Identity")) again = identity.Input(0)!;
        return ReferenceEquals(again, body.Inputs[1]) || (again.Initializer is not null && IsTrue(again));
    }

    private sealed class Unrolling(Node loop, Graph body, int states, long opset)
    {
        private readonly Graph _graph = loop.Graph;

        public Rewrite Run(int trips)
        {
            Value always = loop.Input(1) ?? _graph.AddInitializer("condition", Tensor.Scalar(true));
            Value[] state = [.. loop.Inputs[2..].ToArray().Select(value => value!)];
            var scanned = new List<Value>[body.Outputs.Count - 1 - states];
            for (int i = 0; i < scanned.Length; i++) scanned[i] = [];
            for (int trip = 0; trip < trips; trip++)
            {
                Value counter = _graph.AddInitializer("trip", Tensor.Scalar((long)trip));
                IReadOnlyList<Value> results = _graph.Inline(body, [counter, always, .. state], loop);
                for (int i = 0; i < states; i++) state[i] = results[1 + i];
                for (int i = 0; i < scanned.Length; i++) scanned[i].Add(Row(results[1 + states + i]));
            }
            for (int i = 0; i < states; i++) Replace(loop.Outputs[i], state[i]);
            for (int i = 0; i < scanned.Length; i++) Replace(loop.Outputs[states + i], Stack(scanned[i]));
            _graph.Remove(loop);
            return Rewrite.Applied($"became its {trips} trips");
        }

        /// <summary>The value with a first axis of 1.</summary>
        private Value Row(Value value)
        {
            Node row = opset >= 13
                ? _graph.AddNode("Unsqueeze", [value, _graph.AddInitializer("axes", Tensor.Vector(0L))], 1, before: loop)
                : _graph.AddNode("Unsqueeze", [value], 1, before: loop);
            if (opset < 13) row.Attributes.Set("axes", [0L]);
            return row.Output;
        }

        private Value Stack(List<Value> rows)
        {
            Node stack = _graph.AddNode("Concat", rows.ToArray(), 1, before: loop);
            stack.Attributes.Set("axis", 0);
            return stack.Output;
        }

        private void Replace(Value output, Value value)
        {
            // The types of one trip say less than, or something else than, those of the whole loop; inference goes through what there is now.
            if (output.Type is { } type && value.Type is { } other && !type.IsCompatible(other)) output.Type = null;
            _graph.ReplaceAllUses(output, value);
        }
    }
}
