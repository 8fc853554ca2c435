using System.Text.Json;
using ModelCompiler.Onnx;
using ModelCompiler.Tests;
using ModelCompiler.Tool.Tests.Support;
using Xunit;

namespace ModelCompiler.Tool.Tests.Commands;

public sealed class VerifyCommandTests : IDisposable
{
    private readonly Workspace _folder = new();

    public VerifyCommandTests()
    {
        OnnxWriter.Write(TestModels.Classifier(), _folder.PathOf("a.onnx"), new WriteOptions { ExternalData = true, ExternalDataThreshold = 1 });
        _folder.WriteSamples(labels: TestModels.Labels);
        Cli.Run("compile", _folder.PathOf("a.onnx"), "-o", _folder.PathOf("out/a"), "--evaluation", _folder.PathOf("samples.npz")).Succeeds();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_compiled_output_is_good_and_every_changed_byte_is_named()
    {
        CliResult good = Cli.Run("verify", _folder.PathOf("out"), "--source", _folder.PathOf("a.onnx"), "--json").Succeeds();
        Assert.All(good.Json.GetProperty("files").EnumerateArray(), file => Assert.True(file.GetProperty("isGood").GetBoolean()));

        Flip("out/a/a.onnx");
        CliResult bad = Cli.Run("verify", _folder.PathOf("out"));
        Assert.Equal(1, bad.ExitCode);
        Assert.Contains($"error OM6201: The file '{Path.Combine("a", "a.onnx")}' has the SHA-256 ", bad.Error, StringComparison.Ordinal);

        File.Delete(_folder.PathOf("out/a/a.onnx"));
        Assert.Contains("error OM6202: ", Cli.Run("verify", _folder.PathOf("out")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_source_is_named()
    {
        Flip("a.onnx");
        CliResult result = Cli.Run("verify", _folder.PathOf("out"), "--source", _folder.PathOf("a.onnx"));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("a.onnx", Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public void Provenance_lists_what_was_read_done_and_measured_and_no_path_of_the_machine()
    {
        string text = File.ReadAllText(_folder.PathOf("out/a/a.provenance.json"));
        Assert.DoesNotContain(_folder.Folder, text, StringComparison.Ordinal);
        JsonElement root = JsonDocument.Parse(text).RootElement;
        Assert.Equal(["Model a.onnx", "ExternalData a.onnx.data", "Evaluation samples.npz"], root.GetProperty("inputs").EnumerateArray().Select(input => $"{input.GetProperty("role")} {input.GetProperty("file")}"));
        Assert.All(root.GetProperty("inputs").EnumerateArray(), input => Assert.Equal(FileOf(input.GetProperty("file").GetString()!), input.GetProperty("sha256").GetString()));
        Assert.Contains(root.GetProperty("passes").EnumerateArray(), pass => pass.GetProperty("changes").GetInt32() > 0);
        Assert.InRange(root.GetProperty("measured").GetProperty("accuracy").GetProperty("b").GetDouble(), 0, 1);
        Assert.Equal("1.30.0", root.GetProperty("tool").GetProperty("onnxRuntime").GetString());
        Assert.Equal(4, root.GetProperty("tool").GetProperty("modules").GetArrayLength());
    }

    [Theory]
    [InlineData("nowhere")]
    [InlineData("empty")]
    public void Refuses_a_folder_without_compiled_models(string folder)
    {
        Directory.CreateDirectory(_folder.PathOf("empty"));
        Cli.Run("verify", _folder.PathOf(folder)).Refuses("OM6203", folder);
    }

    [Fact]
    public void Refuses_a_provenance_that_it_cannot_read()
    {
        _folder.Write("out/a/a.provenance.json", "{");
        Cli.Run("verify", _folder.PathOf("out")).Refuses("OM1101", "a.provenance.json");
    }

    private string FileOf(string name) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(_folder.PathOf(name))));

    private void Flip(string file)
    {
        byte[] bytes = File.ReadAllBytes(_folder.PathOf(file));
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(_folder.PathOf(file), bytes);
    }
}
