namespace ModelCompiler.Onnx.Tests.ExternalData;

public sealed class ExternalDataFilesTests
{
    [Fact]
    public void Names_each_file_once_and_none_for_a_model_in_one_file()
    {
        string folder = Directory.CreateTempSubdirectory("modelcompiler-").FullName;
        try
        {
            string path = Path.Combine(folder, "m.onnx");
            OnnxWriter.Write(TwoConstants(), path, new WriteOptions { ExternalData = true, ExternalDataThreshold = 1 });
            Assert.Equal([path + ".data"], ExternalDataFiles.Of(OnnxReader.Read(path)));
            Assert.Empty(ExternalDataFiles.Of(TwoConstants()));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Model TwoConstants()
    {
        var graph = new Graph("g");
        Node sum = graph.AddNode("Add", [graph.AddInitializer("a", Tensor.Vector(1f, 2f)), graph.AddInitializer("b", Tensor.Vector(3f, 4f))]);
        graph.AddOutput(sum.Output);
        var model = new Model(graph);
        model.Opsets[""] = 17;
        return model;
    }
}
