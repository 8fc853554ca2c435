namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>Recurrent layers over X [sequence, batch, input], or [batch, sequence, input] with layout 1 (opset 14).</summary>
internal static class Recurrent
{
    public static void Register(RuleTable rules)
    {
        rules.Onnx(c => Layer(c, 1), "GRU", "RNN");
        rules.Onnx(c => Layer(c, 2), "LSTM");
    }

    /// <summary>Y [sequence, directions, batch, hidden], then <paramref name="states"/> last states [directions, batch, hidden].</summary>
    public static void Layer(InferenceContext context, int states)
    {
        Dim directions = context.String("direction", "forward") == "bidirectional" ? 2 : 1;
        // R is [directions, gates · hidden, hidden].
        Dim hidden = context.Attribute("hidden_size") is long given ? Dim.Of((IntegerExpression)given) : context.Dimension(2, 2);
        bool isBatchFirst = context.Int("layout", 0) != 0;
        Dim batch = context.Dimension(0, isBatchFirst ? 0 : 1);
        Dim sequence = context.Dimension(0, isBatchFirst ? 1 : 0);
        ElementType element = context.Element(0);
        context.Set(0, element, isBatchFirst ? new Shape(batch, sequence, directions, hidden) : new Shape(sequence, directions, batch, hidden));
        var state = isBatchFirst ? new Shape(batch, directions, hidden) : new Shape(directions, batch, hidden);
        for (int i = 1; i <= states; i++) context.Set(i, element, state);
    }
}
