namespace ModelCompiler.Onnx.Inference;

/// <summary>
/// One look at the body of a loop. Sizes without a name that appear inside are sizes of one iteration: outside they mean nothing. The types that
/// the file declares in the body are remembered, so that a look under other assumptions starts afresh.
/// </summary>
internal sealed class IterationScope
{
    private readonly Graph _body;
    private readonly InferenceEngine _engine;
    private readonly List<(Value Value, OnnxType? Type)> _declared = [];
    private readonly int _issueCount;
    private readonly long _lastOuterIdentity = Atom.LastIdentity;

    public IterationScope(InferenceEngine engine, Graph body)
    {
        _engine = engine;
        _body = body;
        _issueCount = engine.Issues.Count;
        foreach (Value input in body.Inputs) _declared.Add((input, input.Type));
        foreach (Node node in body.AllNodes())
        {
            foreach (Value output in node.Outputs) _declared.Add((output, output.Type));
            foreach (Graph inner in node.Subgraphs)
                foreach (Value input in inner.Inputs) _declared.Add((input, input.Type));
        }
    }

    /// <summary>Infers the body for inputs of the given types, and of known elements where those are given.</summary>
    public bool Infer(ReadOnlySpan<OnnxType?> inputs, IntegerExpression[]? secondInput = null)
    {
        _engine.ForgetIssues(_issueCount);
        foreach ((Value value, OnnxType? type) in _declared) value.Type = type;
        for (int i = 0; i < _body.Inputs.Count && i < inputs.Length; i++)
            _body.Inputs[i].Type = TypeMerge.Join(inputs[i], _body.Inputs[i].Type);
        return _engine.InferGraph(_body, secondInput);
    }

    /// <summary>The type of an output of the body as it is seen from outside.</summary>
    public OnnxType? Output(int index) => index < _body.Outputs.Count ? TypeMerge.Map(_body.Outputs[index].Type, Outside) : null;

    private Dim Outside(Dim dim) => dim.Size.HasAnonymous
        ? Dim.Of(ExpressionMath.Substitute(dim.Size, atom => atom.Identity > _lastOuterIdentity ? IntegerExpression.Unknown : null)) : dim;
}
