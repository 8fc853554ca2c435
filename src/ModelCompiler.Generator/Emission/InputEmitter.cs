using ModelCompiler.Generator.Signatures;

namespace ModelCompiler.Generator.Emission;

/// <summary>Writes the value that holds all inputs of a call.</summary>
internal static class InputEmitter
{
    public static void Emit(SourceWriter source, PredictorModel model, string accessibility, string attribute)
    {
        source.Summary("The inputs of a call of <see cref=\"" + model.ClassName + "\"/>. It refers to memory and copies none.");
        source.Line(attribute);
        source.Open(accessibility + " readonly partial struct " + model.InputName);
        bool isFirst = true;
        foreach (var (input, _) in model.GivenInputs)
        {
            EmitMember(source, ref isFirst, ShapeText.Of(input) + (input.HasDefault ? ". Left out: the model's own value." : "."), ValueForms.Member(input), input.MemberName, isRequired: !IsNullable(input));
            if (input.ShapeName is not null)
            {
                EmitMember(source, ref isFirst, "The shape of <see cref=\"" + input.MemberName + "\"/>.", "global::System.ReadOnlyMemory<long>", input.ShapeMember, isRequired: true);
            }
        }

        foreach (var size in model.IsInferable ? [] : model.CallSizes)
        {
            EmitMember(source, ref isFirst, "The size of the dimension of this name.", "int", size.MemberName, isRequired: true);
        }

        source.Close();
    }

    private static bool IsNullable(TensorMember input) => input.HasDefault || input.Value.Kind is Manifests.ManifestValueKind.Optional or Manifests.ManifestValueKind.OptionalSequence;

    private static void EmitMember(SourceWriter source, ref bool isFirst, string summary, string type, string name, bool isRequired)
    {
        _ = isFirst ? source : source.Line();
        isFirst = false;
        source.Summary(summary).Line("public " + (isRequired ? "required " : "") + type + " " + name + " { get; init; }");
    }
}
