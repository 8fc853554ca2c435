using ModelCompiler.Generator.Signatures;

namespace ModelCompiler.Generator.Emission;

/// <summary>
/// Writes the type that holds the outputs of a prediction: an object, or, where all shapes are fixed and small, a value that holds the elements itself.
/// </summary>
internal static class OutputEmitter
{
    public static void Emit(SourceWriter source, PredictorModel model, string accessibility, string attribute)
    {
        source.Summary("The outputs of a prediction of <see cref=\"" + model.ClassName + "\"/>." + (model.IsInline ? " A value, which holds all elements." : ""));
        source.Line(attribute);
        source.Open(accessibility + (model.IsInline ? " readonly partial struct " : " sealed partial class ") + model.OutputName);
        if (model.IsInline)
        {
            EmitFields(source, model);
        }

        EmitConstructor(source, model);
        foreach (var (output, index) in model.ShownOutputs)
        {
            source.Line().Summary(ShapeText.Of(output) + ".");
            EmitProperty(source, output, index, IsElements(model, output));
        }

        EmitToString(source, model);
        foreach (var (output, _) in model.ShownOutputs.Where(output => IsElements(model, output.Member)))
        {
            EmitElements(source, model, output);
        }

        source.Close();
    }

    /// <summary>Makes one of a call that has run.</summary>
    public static string Creation(PredictorModel model) => "new " + model.OutputName + "("
        + (model.IsInline ? EmittedNames.Call : string.Join(", ", model.ShownOutputs.Select(output => EmittedNames.Call + "." + ValueForms.Getter(output.Member, output.Index)))) + ")";

    private static bool IsElements(PredictorModel model, TensorMember output) => model.IsInline && !output.IsScalar;

    private static void EmitFields(SourceWriter source, PredictorModel model)
    {
        foreach (var (output, index) in model.ShownOutputs.Where(output => !output.Member.IsScalar))
        {
            source.Line("private readonly " + ValueForms.Inline(output) + " " + Field(index) + ";");
        }

        source.Line();
    }

    private static void EmitConstructor(SourceWriter source, PredictorModel model)
    {
        var outputs = model.ShownOutputs.ToList();
        string parameters = model.IsInline
            ? "scoped in " + ValueForms.Runtime + "PredictorCall " + EmittedNames.Call
            : string.Join(", ", outputs.Select(output => ValueForms.Output(output.Member) + " " + Parameter(output.Index)));
        source.Open("internal " + model.OutputName + "(" + parameters + ")");
        foreach (var (output, index) in outputs)
        {
            string target = IsElements(model, output) ? Field(index) : output.MemberName;
            source.Line(target + " = " + (!model.IsInline ? Parameter(index) : EmittedNames.Call + "." + InlineGetter(output, index)) + ";");
        }

        source.Close();
    }

    private static string InlineGetter(TensorMember output, int index) => output.IsScalar
        ? ValueForms.Getter(output, index)
        : "GetInline<" + output.Type + ", " + output.ElementsName + ">(" + ShapeText.Number(index) + ")";

    /// <summary>By reference: a value may be large, and reading one element must not copy all.</summary>
    private static void EmitProperty(SourceWriter source, TensorMember output, int index, bool isElements)
    {
        if (!isElements)
        {
            source.Line("public " + ValueForms.Output(output) + " " + output.MemberName + " { get; }");
            return;
        }

        source.Line("[global::System.Diagnostics.CodeAnalysis.UnscopedRef]");
        source.Line("public ref readonly " + ValueForms.Inline(output) + " " + output.MemberName + " => ref " + Field(index) + ";");
    }

    private static void EmitElements(SourceWriter source, PredictorModel model, TensorMember output)
    {
        source.Line().Summary("Room for the elements of <see cref=\"" + output.MemberName + "\"/>.");
        source.Line("[global::System.Runtime.CompilerServices.InlineArray(" + ShapeText.Number(output.Dimensions!.Value.Aggregate(1L, (count, d) => count * d.Value!.Value)) + ")]");
        source.Open("public struct " + output.ElementsName + " : " + ValueForms.Runtime + "IInlineElements");
        // Not a span of constants: until the JIT optimizes the method, one costs an object for each call.
        source.Line("private static readonly long[] Dimensions = " + ShapeText.Dimensions(output) + ";");
        source.Line().Line("private " + output.Type + " first;");
        source.Line().Line("/// <inheritdoc/>");
        source.Line("public static " + ValueForms.Span + "long> Shape => Dimensions;");
        source.Line().Line("/// <inheritdoc/>");
        string labels = output.LabelsName is { } name ? model.ClassName + "." + name : "null";
        source.Line("public static global::System.Collections.Generic.IReadOnlyList<string>? Labels => " + labels + ";");
        source.Close();
    }

    private static void EmitToString(SourceWriter source, PredictorModel model)
    {
        var outputs = model.ShownOutputs.Select(output => output.Member).Select(output => "\"" + output.MemberName + " \" + "
            + (output.IsTensor ? output.MemberName + (IsElements(model, output) ? ".ToString()" : "") : ValueForms.Runtime + "ValueText.Of(" + output.MemberName + ")"));
        source.Line().Line("/// <inheritdoc/>");
        source.Line("public override string ToString() => string.Join(\", \", new string[] { " + string.Join(", ", outputs) + " });");
    }

    private static string Parameter(int index) => "output" + ShapeText.Number(index);

    private static string Field(int index) => "_output" + ShapeText.Number(index);
}
