using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Fusion.Matching;

/// <summary>One operator and its inputs.</summary>
internal sealed class OperatorPattern(string opType, Func<Node, Match, bool>? condition, Pattern[] inputs) : Pattern
{
    private readonly bool _isCommutative = inputs.Length == 2 && opType is "Add" or "Mul" or "Max" or "Min";

    /// <inheritdoc/>
    public override bool MayEndIn(Node node) => node.Domain.Length == 0 && node.OpType == opType;

    /// <inheritdoc/>
    protected override bool MatchesOrSpoils(Value value, Match match)
    {
        // The operator is looked at before the node is entered: most attempts end here.
        if (value.Producer is not { } producer || !MayEndIn(producer)) return false;
        if (match.Enter(value) is not { } node || !HasInputs(node)) return false;
        if (!MatchesInputs(node, match, false) && !(_isCommutative && MatchesInputs(node, match, true))) return false;
        return condition is null || condition(node, match);
    }

    // Inputs that the pattern does not name are the condition's business.
    private bool HasInputs(Node node)
    {
        for (int i = 0; i < inputs.Length; i++)
            if (node.Input(i) is null) return false;
        return !_isCommutative || node.Inputs.Length == 2;
    }

    private bool MatchesInputs(Node node, Match match, bool isReversed)
    {
        (int, int, int) mark = match.Save();
        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i].Matches(node.Input(isReversed ? inputs.Length - 1 - i : i)!, match)) continue;
            match.Restore(mark);
            return false;
        }
        return true;
    }
}
