using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Cleanup;

/// <summary>
/// What a rule says of a node: its output is its input <see cref="Input"/>, bit for bit and in shape, because of <see cref="Text"/>; or it only
/// looks like that, and <see cref="Text"/> says why not; or (default) it is another matter.
/// </summary>
internal readonly record struct NoOp(int? Input, string? Text)
{
    public static NoOp No => default;

    public static NoOp PassesOn(int input, string why) => new(input, why);

    public static NoOp Refused(string why) => new(null, why);

    /// <summary><see cref="PassesOn"/> where the first input and the output have the same shape.</summary>
    public static NoOp IfShapeStays(Node node, string why) => node.Input(0) is { } x && Shapes.AreSame(x, node.Outputs[0]) ? PassesOn(0, why) : No;
}
