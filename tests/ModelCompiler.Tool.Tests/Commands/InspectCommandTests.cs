using System.Text.Json;
using ModelCompiler.Onnx;
using ModelCompiler.Tests;
using ModelCompiler.Tool.Tests.Support;
using Xunit;

namespace ModelCompiler.Tool.Tests.Commands;

public sealed class InspectCommandTests : IDisposable
{
    private readonly Workspace _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Prints_one_document_with_the_fields_that_are_promised()
    {
        string model = _folder.WriteClassifier();
        CliResult result = Cli.Run("inspect", model, "--json").Succeeds();
        Assert.Empty(result.Error);
        JsonElement json = result.Json;
        JsonElement input = Assert.Single(json.GetProperty("inputs").EnumerateArray());
        Assert.Equal("image", input.GetProperty("name").GetString());
        Assert.Equal("float32", input.GetProperty("type").GetString());
        Assert.Equal("""["N",1,6,6]""", JsonSerializer.Serialize(input.GetProperty("shape")));
        Assert.Equal("scores", json.GetProperty("outputs")[0].GetProperty("name").GetString());
        Assert.Equal(17, json.GetProperty("opset").GetInt32());
        Assert.Equal(["BatchNormalization", "Conv", "Flatten", "Gemm", "Relu"], json.GetProperty("operators").EnumerateObject().Select(p => p.Name));
        Assert.Equal((8 * 9) + 8 + (3 * 8) + (4 * 128) + 4, json.GetProperty("parameters").GetInt64());
        Assert.Equal(new FileInfo(model).Length, json.GetProperty("bytes").GetInt64());
        // 8 · 4 · 4 outputs of 9 products, and 4 outputs of 128.
        Assert.Equal((8 * 16 * 9) + (4 * 128), json.GetProperty("macs").GetInt64());
    }

    [Fact]
    public void Prints_a_page_for_people()
    {
        string output = Cli.Run("inspect", _folder.WriteClassifier()).Succeeds().Output;
        Assert.Contains("  image  float32[N, 1, 6, 6]", output, StringComparison.Ordinal);
        Assert.Contains("  1  Conv", output, StringComparison.Ordinal);
        Assert.Contains("  MACs        1664", output, StringComparison.Ordinal);
    }

    /// <summary>Nested Ifs with weights in their branches, a scalar input, dimensions without a name.</summary>
    [Fact]
    public void Reads_a_model_with_subgraphs()
    {
        JsonElement json = Cli.Run("inspect", PublicModels.PathOf(PublicModels.VoiceActivity), "--json").Succeeds().Json;
        Assert.Equal(25, json.GetProperty("operators").GetProperty("If").GetInt32());
        Assert.Equal(4, json.GetProperty("operators").GetProperty("LSTM").GetInt32());
        Assert.Equal(0, json.GetProperty("inputs").EnumerateArray().Single(input => input.GetProperty("name").GetString() == "sr").GetProperty("shape").GetArrayLength());
        Assert.InRange(json.GetProperty("parameters").GetInt64(), 400_000, 700_000);
    }

    /// <summary>All weights stand in Constant nodes.</summary>
    [Fact]
    public void Counts_parameters_in_constant_nodes()
    {
        JsonElement json = Cli.Run("inspect", PublicModels.PathOf(PublicModels.Recognizer), "--json").Succeeds().Json;
        Assert.Equal(38, json.GetProperty("operators").GetProperty("Conv").GetInt32());
        Assert.InRange(json.GetProperty("parameters").GetInt64(), 2_500_000, 2_800_000);
        Assert.Equal(JsonValueKind.Null, json.GetProperty("macs").ValueKind);
    }

    [Fact]
    public void Counts_operations_where_open_dimensions_are_given()
    {
        string model = PublicModels.PathOf(PublicModels.Recognizer);
        long narrow = Macs("p2o.DynamicDimension.1=160");
        long wide = Macs("x:3=320");
        Assert.InRange((double)wide / narrow, 1.9, 2.1);
        Assert.InRange(wide, 200_000_000, 2_000_000_000);

        long Macs(string dimension) => Cli.Run("inspect", model, "--dim", dimension, "--json").Succeeds().Json.GetProperty("macs").GetInt64();
    }

    [Fact]
    public void Counts_the_bytes_of_external_data()
    {
        string model = _folder.PathOf("m.onnx");
        OnnxWriter.Write(TestModels.Classifier(), model, new WriteOptions { ExternalData = true, ExternalDataThreshold = 1 });
        JsonElement json = Cli.Run("inspect", model, "--json").Succeeds().Json;
        Assert.Equal(Directory.EnumerateFiles(_folder.Folder).Sum(file => new FileInfo(file).Length), json.GetProperty("bytes").GetInt64());
        Assert.Equal(2, Directory.EnumerateFiles(_folder.Folder).Count());
    }
}
