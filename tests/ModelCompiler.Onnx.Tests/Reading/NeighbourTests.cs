using ModelCompiler.Onnx.Tests.Fixtures;

namespace ModelCompiler.Onnx.Tests.Reading;

/// <summary>What the error for a missing model says of what is there.</summary>
public sealed class NeighbourTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Names_the_file_in_other_letters()
    {
        Write("digits.onnx", "Faces.onnx");
        Assert.SkipWhen(File.Exists(_folder["DIGITS.ONNX"]), "Names do not differ by case here.");

        Assert.Contains(" There is 'digits.onnx', in other letters", Refusal("Digits.ONNX"), StringComparison.Ordinal);
    }

    [Fact]
    public void Names_the_only_model_and_chooses_between_none()
    {
        Write("readme.txt");
        Assert.EndsWith("does not exist. Correct the Include of the OptimizedModel item.", Refusal("a.onnx"), StringComparison.Ordinal);
        Write("digits.onnx");
        Assert.Contains(" There is 'digits.onnx' in that folder.", Refusal("a.onnx"), StringComparison.Ordinal);
        Write("faces.onnx");
        Assert.DoesNotContain("There is", Refusal("a.onnx"), StringComparison.Ordinal);
    }

    [Fact]
    public void Says_that_the_folder_is_missing() => Assert.Contains($" There is no folder '{_folder["modles"]}' either.", Refusal("modles/a.onnx"), StringComparison.Ordinal);

    private void Write(params string[] names)
    {
        foreach (string name in names) File.WriteAllText(_folder[name], "");
    }

    private string Refusal(string name)
    {
        CompilerException error = Assert.Throws<CompilerException>(() => OnnxReader.Read(_folder[name]));
        Assert.Equal("OM1001", error.Code);
        return error.Message;
    }
}
