using ModelCompiler.Generator.Signatures;
using static ModelCompiler.Generator.Emission.ValueForms;

namespace ModelCompiler.Generator.Emission;

/// <summary>Writes the reusable request: members that are the very memory that the model reads and writes.</summary>
internal static class RequestEmitter
{
    private const string Sizes = "The size of the dimension of this name.";

    public static void EmitFactory(SourceWriter source, PredictorModel model)
    {
        source.Line().Summary("Makes a request: memory for inputs and outputs that is used again and again, so that a call copies and allocates nothing.");
        EmitSizeDocs(source, model);
        source.Line("/// <returns>A request for one thread at a time; dispose it.</returns>");
        source.Line("public " + model.RequestName + " CreateRequest(" + Parameters(model) + ") => new(" + string.Join(", ", model.RequestSizes.Select(size => size.Name).Prepend("this")) + ");");
    }

    public static void Emit(SourceWriter source, PredictorModel model, string accessibility, string attribute)
    {
        source.Summary("A reusable call of <see cref=\"" + model.ClassName + "\"/>: fill the inputs, run, read the outputs. For one thread at a time. Spans are valid until it is disposed" + (model.RequestSizes.Any() ? " or resized" : "") + ".");
        source.Line(attribute);
        source.Open(accessibility + " sealed partial class " + model.RequestName + " : " + Runtime + "PredictorRequest");
        EmitConstructor(source, model);
        foreach (var (input, index) in model.GivenInputs)
        {
            EmitInput(source, input, index);
        }

        foreach (var (output, index) in model.ShownOutputs)
        {
            EmitOutput(source, output, index);
        }

        source.Close();
    }

    private static void EmitConstructor(SourceWriter source, PredictorModel model)
    {
        source.Open("internal " + model.RequestName + "(" + string.Join(", ", model.RequestSizes.Select(size => "int " + size.Name).Prepend(model.ClassName + " predictor")) + ")", "base(predictor)");
        _ = model.RequestSizes.Any() ? source.Line("Resize(" + string.Join(", ", model.RequestSizes.Select(size => size.Name)) + ");") : source;
        source.Close();
        if (!model.RequestSizes.Any())
        {
            return;
        }

        source.Line().Summary("Gives the inputs other sizes. Memory is kept where it is large enough.");
        EmitSizeDocs(source, model);
        source.Open("public void Resize(" + Parameters(model) + ")");
        foreach (var (input, index) in model.GivenInputs.Where(input => input.Member.IsInPlace && input.Member.Sizes.Any()))
        {
            source.Line("ResizeAt<" + input.Type + ">(" + ShapeText.Number(index) + ", " + ShapeText.Dimensions(input) + ");");
        }

        source.Close();
    }

    private static void EmitInput(SourceWriter source, TensorMember input, int index)
    {
        string number = ShapeText.Number(index);
        source.Line().Summary(ShapeText.Of(input) + (input.HasDefault ? ". Holds for the next runs; without a value they take the model's own." : "."));
        if (input.IsImage)
        {
            EmitImage(source, input, number);
        }
        else if (!input.IsInPlace)
        {
            EmitSetter(source, input, number);
        }
        else if (input.IsScalar)
        {
            string element = "InputAt<" + input.Type + ">(" + number + ")[0]";
            source.Open("public " + input.Type + " " + input.MemberName);
            source.Line("get => " + element + ";").Line("set => " + element + " = value;").Close();
        }
        else
        {
            source.Line("public global::System.Span<" + input.Type + "> " + input.MemberName + " => InputAt<" + input.Type + ">(" + number + ");");
            EmitResize(source, input, number);
        }
    }

    private static void EmitResize(SourceWriter source, TensorMember input, string number)
    {
        if (input.ShapeName is not null)
        {
            source.Line().Summary("Gives <see cref=\"" + input.MemberName + "\"/> a shape.");
            source.Line("public void " + input.SetterName + "Shape(" + Span + "long> shape) => ResizeAt<" + input.Type + ">(" + number + ", shape);");
        }
    }

    private static void EmitImage(SourceWriter source, TensorMember input, string number)
    {
        source.Line("/// <param name=\"pixels\">The bytes of the picture, row by row.</param>");
        source.Line("/// <param name=\"width\">Pixels in a row.</param>");
        source.Line("/// <param name=\"height\">Rows.</param>");
        source.Line("/// <param name=\"format\">How the bytes of a pixel follow each other.</param>");
        source.Line("/// <param name=\"stride\">Bytes from one row to the next; 0 where rows follow each other.</param>");
        source.Line("public void " + input.SetterName + "(" + Span + "byte> pixels, int width, int height, " + Runtime + "PixelFormat format = " + Runtime + "PixelFormat.Rgb, int stride = 0) =>");
        source.Line("    PutImage(" + number + ", pixels, width, height, format, stride);");
    }

    private static void EmitSetter(SourceWriter source, TensorMember input, string number)
    {
        string shape = input.IsTensor && !input.IsScalar && input.Dimensions?.All(d => d.Value is not null) != true ? ", " + Span + "long> shape" : "";
        _ = shape.Length > 0 ? source.Line("/// <param name=\"value\">The elements.</param>").Line("/// <param name=\"shape\">Their shape.</param>") : source;
        source.Line("public void " + input.SetterName + "(" + Parameter(input) + " value" + shape + ") => " + Setter(input).Replace("Set", "Put") + "(" + number + ", value" + (shape.Length > 0 ? ", shape" : "") + ");");
    }

    private static void EmitOutput(SourceWriter source, TensorMember output, int index)
    {
        string number = ShapeText.Number(index);
        source.Line().Summary(ShapeText.Of(output) + ".");
        if (output.IsInPlace && !output.IsScalar)
        {
            source.Line("public " + Span + output.Type + "> " + output.RequestMember + " => OutputAt<" + output.Type + ">(" + number + ");");
            source.Line().Summary("The shape of <see cref=\"" + output.RequestMember + "\"/>.");
            source.Line("public " + Span + "long> " + output.ShapeMember + " => OutputShapeAt(" + number + ");");
        }
        else
        {
            string getter = output.IsScalar && output.IsInPlace ? "OutputAt<" + output.Type + ">(" + number + ")[0]" : ObjectGetter(output with { LabelsName = null }, index) + (output.IsScalar ? ".Span[0]" : "");
            source.Line("public " + Output(output) + " " + output.RequestMember + " => " + getter + ";");
        }
    }

    private static string Parameters(PredictorModel model) => string.Join(", ", model.RequestSizes.Select(size => "int " + size.Name + (model.HasBatch ? " = 1" : "")));

    private static void EmitSizeDocs(SourceWriter source, PredictorModel model)
    {
        foreach (var size in model.RequestSizes)
        {
            source.Line("/// <param name=\"" + size.Name + "\">" + (model.HasBatch ? "The number of samples." : Sizes) + "</param>");
        }
    }
}
