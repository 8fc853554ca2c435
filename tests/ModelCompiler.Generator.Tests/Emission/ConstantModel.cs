using ModelCompiler.Manifests;
using ModelCompiler.Runtime;
using ModelCompiler.Runtime.Tests.Models;

namespace ModelCompiler.Generator.Tests.Emission;

/// <summary>A model of a manifest's signature, whatever it is, that answers with ones: open sizes are 1.</summary>
internal static class ConstantModel
{
    public static byte[] Build(ModelManifest manifest)
    {
        var model = new OnnxModel();
        foreach (var input in manifest.Inputs)
        {
            model.Input(input.Name, TypeOf(input));
            if (input.HasDefault)
            {
                Default(model, input);
            }
        }

        foreach (var output in manifest.Outputs)
        {
            model.Output(output.Name, TypeOf(output));
            // A tensor may pass through under one name.
            if (manifest.Inputs.All(input => input.Name != output.Name))
            {
                Answer(model, output);
            }
        }

        return model.Build();
    }

    private static void Default(OnnxModel model, ManifestValue input)
    {
        long[] shape = [.. input.Shape!.Value.Select(dimension => dimension.Value!.Value)];
        long count = shape.Aggregate(1L, (product, size) => product * size);
        if (input.ElementType == ManifestElementType.String)
        {
            model.StringInitializer(input.Name, shape, [.. Enumerable.Repeat("", (int)count)]);
        }
        else
        {
            model.Initializer(input.Name, ElementOf(input), shape, new byte[ElementOf(input).ByteSize(count)]);
        }
    }

    private static void Answer(OnnxModel model, ManifestValue output)
    {
        long[] shape = [.. (output.Shape ?? default).Select(dimension => dimension.Value ?? 1)];
        bool isMaps = output.KeyType is not null;
        shape = isMaps ? [1, 2] : shape;
        float[] ones = [.. Enumerable.Repeat(1f, (int)shape.Aggregate(1L, (count, size) => count * size))];
        model.Initializer("ones of " + output.Name, TensorElementType.Float32, shape, TestModels.Bytes(ones));
        if (isMaps)
        {
            model.Node("ZipMap", ["ones of " + output.Name], [output.Name], "ai.onnx.ml", OnnxModel.Attribute("classlabels_int64s", 3L, 4L));
            return;
        }

        string cast = output.Kind == ManifestValueKind.Tensor ? output.Name : "cast of " + output.Name;
        model.Node("Cast", ["ones of " + output.Name], [cast], attributes: OnnxModel.Attribute("to", (long)ElementOf(output)));
        if (output.Kind != ManifestValueKind.Tensor)
        {
            model.Node(output.Kind == ManifestValueKind.Sequence ? "SequenceConstruct" : "Optional", [cast], [output.Name]);
        }
    }

    private static ProtoWriter TypeOf(ManifestValue value)
    {
        var tensor = OnnxModel.TensorType(ElementOf(value), value.Shape?.Select(dimension => dimension.Value ?? (object)(dimension.Symbol ?? "")).ToArray());
        var element = value.KeyType is { } key ? OnnxModel.MapType(Enum.Parse<TensorElementType>(key.ToString()), tensor) : tensor;
        return value.Kind switch
        {
            ManifestValueKind.Sequence => OnnxModel.SequenceType(element),
            ManifestValueKind.Optional => OnnxModel.OptionalType(element),
            ManifestValueKind.OptionalSequence => OnnxModel.OptionalType(OnnxModel.SequenceType(element)),
            _ => element,
        };
    }

    private static TensorElementType ElementOf(ManifestValue value) => Enum.Parse<TensorElementType>(value.ElementType.ToString());
}
