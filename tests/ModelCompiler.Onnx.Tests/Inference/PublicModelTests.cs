using System.Globalization;

namespace ModelCompiler.Onnx.Tests.Inference;

/// <summary>On real models every inferred dimension is what ONNX Runtime computes, at each value of the main graph.</summary>
public class PublicModelTests
{
    [Theory]
    [InlineData("recognizer", "x=2,3,48,320")]
    [InlineData("classifier", "x=3,3,48,192")]
    [InlineData("wake-word", "")]
    [InlineData("face-detector", "")]
    [InlineData("line-detector", "")]
    public void Every_dimension_of_every_value_is_inferred_and_right(string name, string inputs)
    {
        (int known, int all) = Compare(name, inputs);
        Assert.Equal(all, known);
    }

    [Fact]
    public void Values_behind_nested_branches_are_right_as_far_as_they_are_known()
    {
        // The rate of the run is 0, so that the branch for 8 kHz is taken, which wants 256 samples.
        (int known, int all) = Compare("voice-activity", "input=1,256 state=2,1,128");
        Assert.InRange(known, 1, all);
    }

    [Fact]
    public void Branches_are_resolved_where_the_sizes_are_given()
    {
        Model model = OnnxReader.Read(PublicModels.PathOf("voice-activity"));
        Forget(model);
        SetInputs(model, "input=1,512 state=2,1,128");
        Value rate = model.Graph.Inputs.First(i => i.Name == "sr");
        Value constant = model.Graph.AddInitializer("rate", Tensor.Scalar(16000L));
        model.Graph.ReplaceAllUses(rate, constant);

        InferenceResult result = model.InferTypes();

        Assert.Empty(result.Issues);
        Assert.Equal(["Float[1,1]", "Float[2,1,128]"], model.Graph.Outputs.Select(o => o.Type!.ToString()!));
    }

    /// <summary>How many dimensions of all values are known once the sizes of the inputs are, and how many there are. Fails where one is wrong.</summary>
    private static (int Known, int All) Compare(string name, string inputs)
    {
        Model model = OnnxReader.Read(PublicModels.PathOf(name));
        Forget(model);
        var sizes = new Dictionary<string, Dim>();
        NameUnknown(model, inputs, sizes);
        InferenceResult result = model.InferTypes();
        Assert.Empty(result.Contradictions);
        foreach (Value value in model.Graph.Values().ToList())
            if (value is { Producer: not null, IsOutput: false }) model.Graph.AddOutput(value);

        TensorType[] actual = RuntimeShapes.Run(model, sizes);
        int known = 0, all = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            Value output = model.Graph.Outputs[i];
            Assert.Equal(actual[i].ElementType, output.ElementType);
            all += actual[i].Shape!.Rank;
            if (output.Shape is not { } inferred) continue;
            Shape shape = RuntimeShapes.At(inferred, sizes);
            Assert.True(shape.IsCompatible(actual[i].Shape!), $"{output}: {inferred} is {shape}, and the run gives {actual[i].Shape}");
            known += shape.Count(dim => dim.IsKnown);
        }
        return (known, all);
    }

    /// <summary>What the file declares of inner values would hide what is not inferred.</summary>
    private static void Forget(Model model)
    {
        foreach (Node node in model.Graph.AllNodes())
            foreach (Value output in node.Outputs) output.Type = null;
    }

    /// <summary>Gives each dimension of an input that is no number a name, and the name a size.</summary>
    private static void NameUnknown(Model model, string inputs, Dictionary<string, Dim> sizes)
    {
        foreach ((string name, long[] dims) in Parse(inputs))
        {
            Value input = model.Graph.Inputs.First(i => i.Name == name);
            var type = (TensorType)input.Type!;
            Shape shape = type.Shape!;
            for (int i = 0; i < dims.Length; i++)
            {
                if (shape[i].IsKnown) continue;
                string symbol = shape[i].Symbol ?? $"{name}_{i}";
                sizes[symbol] = dims[i];
                shape = shape.With(i, Dim.Named(symbol));
            }
            input.Type = type with { Shape = shape };
        }
    }

    private static void SetInputs(Model model, string inputs)
    {
        foreach ((string name, long[] dims) in Parse(inputs))
        {
            Value input = model.Graph.Inputs.First(i => i.Name == name);
            input.Type = new TensorType(ElementType.Float, Shape.Of(dims));
        }
    }

    private static IEnumerable<(string Name, long[] Dims)> Parse(string inputs) => inputs.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(text => text.Split('='))
        .Select(parts => (parts[0], Array.ConvertAll(parts[1].Split(','), x => long.Parse(x, CultureInfo.InvariantCulture))));
}
