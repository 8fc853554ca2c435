using ModelCompiler.Manifests;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;
using ModelCompiler.Tool.Tests.Support;
using Xunit;

namespace ModelCompiler.Tool.Tests.Compilation;

/// <summary>The settings that shape the predictor: checked against the model, and handed on by the manifest.</summary>
public sealed class PredictorSettingsTests : IDisposable
{
    private readonly Workspace _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Renames_members_and_refuses_names_that_cannot_be()
    {
        string source = PublicModels.PathOf(PublicModels.WakeWord);
        ModelManifest manifest = Compile(source, "--rename", "39=Score;onnx::Flatten_0=Features");
        Assert.Equal([("onnx::Flatten_0", "Features"), ("39", "Score")], manifest.Inputs.Concat(manifest.Outputs).Select(value => (value.Name, value.Member)));

        Cli.Run("compile", source, "-o", _folder.PathOf("out"), "--rename", "onnx::Flaten_0=A").Refuses("OM2310", "Did you mean 'onnx::Flatten_0'?");
        Cli.Run("compile", source, "-o", _folder.PathOf("out"), "--rename", "39=a b").Refuses("OM2311", "'a b' is no name of C#");
        Cli.Run("compile", source, "-o", _folder.PathOf("out"), "--rename", "39=A;onnx::Flatten_0=a").Refuses("OM2311", "given to another tensor too");
        Cli.Run("compile", source, "-o", _folder.PathOf("out"), "--rename", "39").Refuses("OM2004", "name=Member;…");
    }

    [Theory]
    [InlineData("Float32")]
    [InlineData("Int8")]
    public void Makes_inputs_with_defaults_of_initializers(string precision)
    {
        Model model = TestModels.Classifier();
        Graph graph = model.Graph;
        Value factor = graph.AddInitializer("factor", Tensor.Scalar(1f));
        Value scaled = graph.AddNode("Mul", [graph.Outputs[0], factor], ["scaled"]).Output;
        graph.AddOutput(scaled);
        string source = _folder.Write("scaled.onnx", OnnxWriter.ToBytes(model));
        ModelManifest manifest = Compile(source, "--precision", precision, "--calibration", _folder.WriteSamples(), "--optional-inputs", "factor", "--outputs", "scaled");
        Assert.Equal([("image", false), ("factor", true)], manifest.Inputs.Select(input => (input.Name, input.HasDefault)));

        using var session = InferenceSession.Open(_folder.PathOf("out/" + manifest.Model.Name));
        (string, TensorBuffer) image = ("image", TensorBuffer.Create<float>([1, 1, 6, 6], TestTensors.Normal(5, 1, 1, 6, 6).AsSpan<float>().ToArray()));
        float[] once = session.Run([image])[0].AsSpan<float>().ToArray();
        float[] twice = session.Run([image, ("factor", TensorBuffer.Create<float>([], [2f]))])[0].AsSpan<float>().ToArray();
        Assert.Equal(once.Select(score => 2 * score), twice);

        Refused(source, "OM2310", "OptionalInputs names 'factr', which is no initializer", "--optional-inputs", "factr");
    }

    [Fact]
    public void Describes_sequences_and_maps()
    {
        var sequence = new SequenceType(new TensorType(ElementType.Float, null));
        var b = new GraphBuilder(18);
        b.Model.Opsets["ai.onnx.ml"] = 3;
        b.Output("q_out", b.Op("Identity", [b.Graph.AddInput("q", sequence)]), sequence);
        Value maps = b.Node("ZipMap", [b.Input("x", Dim.Named("N"), 2)], 1, "ai.onnx.ml", new NodeAttribute("classlabels_int64s", [0L, 1L])).Outputs[0];
        b.Output("m_out", maps, new SequenceType(new MapType(ElementType.Int64, new TensorType(ElementType.Float, Shape.Scalar))));
        var optional = new OptionalType(sequence);
        b.Output("o_out", b.Op("Identity", [b.Graph.AddInput("o", optional)]), optional);
        ModelManifest manifest = Compile(_folder.Write("q.onnx", OnnxWriter.ToBytes(b.Model)));
        Assert.Equal(
            [(ManifestValueKind.Sequence, null), (ManifestValueKind.Sequence, ManifestElementType.Int64), (ManifestValueKind.OptionalSequence, null)], manifest.Outputs.Select(output => (output.Kind, output.KeyType)));
    }

    [Fact]
    public void Pairs_states_and_refuses_pairs_that_do_not_fit()
    {
        string source = PublicModels.PathOf(PublicModels.VoiceActivity);
        ModelManifest manifest = Compile(source, "--state", "state=stateN");
        Assert.Equal([("input", null), ("state", "stateN"), ("sr", null)], manifest.Inputs.Select(input => (input.Name, input.State)));

        Refused(source, "OM2310", "Did you mean 'stateN'?", "--state", "state=satteN");
        Refused(source, "OM2310", "'x', which is no input", "--state", "x=stateN");
        Refused(source, "OM2312", "the input is Int64, the output Float", "--state", "sr=stateN");
        Refused(source, "OM2312", "the output feeds 2 inputs", "--state", "state=stateN;input=stateN");
        Refused(source, "OM2312", "the input has the shape", "--state", "state=output");
    }

    [Fact]
    public void Names_the_classes_of_the_output_that_has_as_many()
    {
        string source = _folder.WriteClassifier();
        ModelManifest manifest = Compile(source, "--batch", "dynamic", "--labels", _folder.Write("labels.txt", "cat\r\ndog\n\nb\u00e4r\n\n"));
        Assert.Equal(["cat", "dog", "", "b\u00e4r"], Assert.Single(manifest.Outputs).Labels);
        Assert.Equal((ManifestBatch.Default, false), (manifest.Batch, manifest.IsEmbedded));
        Refused(source, "OM2313", "names 2 classes", "--labels", _folder.Write("two.txt", "a\nb"));
        Refused(source, "OM2007", "none.txt", "--labels", _folder.PathOf("none.txt"));
    }

    [Fact]
    public void Fixes_the_batch_and_hands_on_its_limits()
    {
        string source = _folder.WriteClassifier();
        Assert.Equal(new ManifestBatch(null, 16, 250), Compile(source, "--max-batch", "16", "--batch-window-microseconds", "250").Batch);
        ModelManifest manifest = Compile(source, "--batch", "8");
        Assert.Equal(new ManifestBatch(8, 8, 0), manifest.Batch);
        Assert.Equal((8L, 8L), (manifest.Inputs[0].Shape!.Value[0].Value, manifest.Outputs[0].Shape!.Value[0].Value));

        Refused(source, "OM2315", "every run has 8", "--batch", "8", "--max-batch", "4");
        Refused(source, "OM2003", "Batch=\"0\"", "--batch", "0");
        Refused(source, "OM2003", "whole", "--max-batch", "1.5");
        Refused(PublicModels.PathOf(PublicModels.LineDetector), "OM2314", "none does", "--batch", "8");
    }

    [Fact]
    public void Takes_pictures_and_says_to_which_size_they_go()
    {
        ManifestValue input = Assert.Single(Compile(_folder.WriteClassifier(), "--image", "image: gray; scale=1/255; fit=crop", "--link", "embedded").Inputs);
        Assert.Equal((ManifestElementType.UInt8, new ManifestImage(ManifestPixelOrder.Gray, ManifestImageFit.Crop, 6, 6)), (input.ElementType, input.Image));
        Assert.Equal([null, null, null, 1L], input.Shape!.Value.Select(dimension => dimension.Value));
        Refused(_folder.WriteClassifier(), "OM2318", "[N,1,6,6]", "--image", "RGB");
        Refused(_folder.WriteClassifier(), "OM2310", "'picture'", "--image", "picture: Gray");
    }

    private ModelManifest Compile(string source, params string[] options)
    {
        Cli.Run(["compile", source, "-o", _folder.PathOf("out"), "--name", "model", .. options]).Succeeds();
        Assert.True(ManifestReader.TryRead(File.ReadAllText(_folder.PathOf("out/model.model.json")), out ModelManifest? manifest, out string? error), error);
        return manifest;
    }

    private void Refused(string source, string code, string word, params string[] options) =>
        Cli.Run(["compile", source, "-o", _folder.PathOf("refused"), .. options]).Refuses(code, word);
}
